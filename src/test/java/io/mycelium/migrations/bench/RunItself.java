package io.mycelium.migrations.bench;

/** The run itself: what Maven and Liquibase add to the SQL. */
record RunItself(Server server, Table table) implements Part {

  @Override
  public void measure() throws Exception {
    Server.maven("-o", "-Poffline", "liquibase:updateSQL");
    table.compare("update with nothing to do", "ms", this::withNothingToDo, "mvn validate");
    table.compare("update from empty", "ms", this::fromEmpty, "an update with nothing to do", "psql with the same SQL");
  }

  private double withNothingToDo(String side) throws Exception {
    return server.mavenOn("ours", "-o", side.equals("ours") ? "liquibase:update" : "validate");
  }

  private double fromEmpty(String side) throws Exception {
    if (side.equals("an update with nothing to do")) { // since ours was just before it
      return server.mavenOn("fresh", "-o", "liquibase:update");
    }
    server.createAnew("fresh");
    return side.equals("ours")
        ? server.mavenOn("fresh", "-o", "liquibase:update")
        : server.psqlOfAFile("fresh", "target/liquibase/migrate.sql");
  }
}
