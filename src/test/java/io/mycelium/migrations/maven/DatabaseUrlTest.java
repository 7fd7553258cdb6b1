package io.mycelium.migrations.maven;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A command works on the database that was named, or refuses to run: it never guesses.
 */
class DatabaseUrlTest {

  private final Properties given = new Properties();
  private final Properties environment = new Properties();
  private final Properties project = new Properties();

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', value = {
      "postgresql://u:p@h:5433/d                              | jdbc:postgresql://h:5433/d           | u | p",
      "postgres://u:p@h/d                                     | jdbc:postgresql://h/d                | u | p",
      "postgresql+asyncpg://u:p@h/d                           | jdbc:postgresql://h/d                | u | p",
      "postgresql://h/d                                       | jdbc:postgresql://h/d                |   |",
      "postgresql://u@h/d                                     | jdbc:postgresql://h/d                | u |",
      "postgresql://u:@h/d                                    | jdbc:postgresql://h/d                | u |",
      "postgresql:///d                                        | jdbc:postgresql://localhost/d        |   |",
      "postgresql://u:p@h:5432                                | jdbc:postgresql://h:5432/            | u | p",
      "postgresql://u:p@[::1]:5432/d                          | jdbc:postgresql://[::1]:5432/d       | u | p",
      "postgresql://u:p@[2001:db8::7]/d                       | jdbc:postgresql://[2001:db8::7]/d    | u | p",
      "postgresql://u:p%40ss%3Aw%2Frd%251@127.0.0.1:5432/db   | jdbc:postgresql://127.0.0.1:5432/db  | u | p@ss:w/rd%1",
      "postgresql://me%40corp:p%C3%A4ss@h/d                   | jdbc:postgresql://h/d                | me@corp | päss",
      "postgresql://u:a+b$1\\c%zz@h/d                         | jdbc:postgresql://h/d                | u | a+b$1\\c%zz",
      "postgresql://u:p/q#r?@h/d                              | jdbc:postgresql://h/d                | u | p/q#r?",
      "postgresql://u:p@h/my%20data+1                         | jdbc:postgresql://h/my+data%2B1      | u | p",
      "postgresql://h1:1,h2:2/d                               | jdbc:postgresql://h1:1,h2:2/d        |   |",
      "postgresql://u:p@h1,h2:5433/d                          | jdbc:postgresql://h1,h2:5433/d       | u | p",
      "postgresql://u:p@[::1]:1,h/d                           | jdbc:postgresql://[::1]:1,h/d        | u | p",
      "postgresql://u:p@/d?host=h1:1&host=h2:2                | jdbc:postgresql://h1:1,h2:2/d        | u | p",
      "postgresql://u:p@/d?host=h1,h2&port=1,2                | jdbc:postgresql://h1:1,h2:2/d        | u | p",
      "postgresql://u:p@/d?host=h1,h2&port=5433               | jdbc:postgresql://h1:5433,h2:5433/d  | u | p",
      "postgresql://u:p@h:5432/d?port=5433                    | jdbc:postgresql://h:5433/d           | u | p",
      "postgresql://u:p@h:5432/d?host=other                   | jdbc:postgresql://other:5432/d       | u | p",
      "postgresql://u:p@h/d?host=::1&port=5433                | jdbc:postgresql://[::1]:5433/d       | u | p",
      "postgresql://u:p@h/d?dbname=other                      | jdbc:postgresql://h/other            | u | p",
      "postgresql://u:p@h?database=other                      | jdbc:postgresql://h/other            | u | p",
      "postgresql://u:p@h/d?PGPORT=5433                       | jdbc:postgresql://h:5433/d           | u | p",
      "postgresql://u:p@h:5433/d?hostaddr=10.0.0.1            | jdbc:postgresql://10.0.0.1:5433/d    | u | p",
      "postgresql://u:p@h/d?user=other                        | jdbc:postgresql://h/d                | other | p",
      "postgresql://u:p@h/d?sslmode=require                   | jdbc:postgresql://h/d?sslmode=require | u | p",
      "postgresql://u:p@h/d?ssl=require                       | jdbc:postgresql://h/d?sslmode=require | u | p",
      "postgresql://u:p@h/d?application_name=a+b&connect_timeout=3"
          + " | jdbc:postgresql://h/d?ApplicationName=a+b&connectTimeout=3 | u | p",
      "postgresql://h/d?user=u&password=p%26q&sslmode=disable | jdbc:postgresql://h/d?sslmode=disable | u | p&q"})
  void databaseUrlIsReadAsAlembicReadIt(String databaseUrl, String url, String username, String password) {
    project.setProperty("mycelium.username", "the default");
    project.setProperty("mycelium.password", "the default");
    environment.setProperty("env.DATABASE_URL", databaseUrl);
    nameTheDatabase();
    assertThat(project.getProperty("database.problem")).as("problem").isNull();
    assertThat(project.getProperty("mycelium.url")).as("URL").isEqualTo(url);
    assertThat(project.getProperty("mycelium.username")).as("user").isEqualTo(username);
    assertThat(project.getProperty("mycelium.password")).as("password").isEqualTo(password);
  }

  @Test
  void optionsOfTheUrlComeAfterOurOwn() {
    environment.setProperty("env.DATABASE_URL", "postgresql://h/d?options=-csearch_path%3Dapp");
    nameTheDatabase();
    assertThat(project.getProperty("mycelium.url")).contains("options=-c+lock_timeout")
        .endsWith("+-csearch_path%3Dapp");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|',
      value = {"mysql://u:secret@h/d                        | kind mysql; this schema is for PostgreSQL",
          "postgresqlx://u:secret@h/d                  | kind postgresqlx; this schema is for PostgreSQL",
          "jdbc:postgresql://h/d?user=u&password=secret | DATABASE_URL is a JDBC URL",
          "h/d                                         | not a URL",
          "u:secret@h/d                                | kind u; this schema",
          "postgresql:/u:secret@h/d                    | malformed",
          "postgresql://u:se@cret@h/d                  | malformed",
          "postgresql://u:secret@a host/d              | malformed",
          "postgresql://u:secret@h:port/d              | a port that is no number",
          "postgresql://u:secret@h:70000/d             | a port that is no number",
          "postgresql://h/d?sslpassword=secret         | sslpassword",
          "postgresql:///d?host=/run&password=secret   | a Unix socket",
          "postgresql://u:secret@%2Frun/d              | a Unix socket",
          "postgresql://u:secret@h1:1,h2:x/d           | a port that is no number",
          "postgresql://u:secret@h1,h2,h3/d?port=1,2   | as many ports as hosts",
          "postgresql://u:secret@h%2Fx/d               | no name of a host"})
  void aUrlThatIsMalformedOrForeignIsRefusedWithoutShowingItsPassword(String databaseUrl, String problem) {
    environment.setProperty("env.DATABASE_URL", databaseUrl);
    nameTheDatabase();
    assertThat(project.getProperty("database.problem")).contains(problem).doesNotContain("secret", "cret@");
    assertThat(project.getProperty("database.ready")).as("ready").isNull();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|',
      value = {"postgresql://u:p@h/d             | is no JDBC URL of PostgreSQL",
          "jdbc:mysql://h/d                 | is no JDBC URL of PostgreSQL",
          "jdbc:postgresql://h/d?password=p | holds a password"})
  void aGivenUrlThatCannotWorkOrWouldBePrintedIsRefused(String url, String problem) {
    given.setProperty("liquibase.url", url);
    nameTheDatabase();
    assertThat(project.getProperty("database.problem")).contains(problem);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"local.prot, local.port", "drift.fail, drift.foreign", "postgres.img, postgres.image",
      "pendign, pending"})
  void anOptionOfTheProjectThatIsMistypedIsRefused(String mistyped, String meant) {
    List.of("local.port", "drift.foreign", "postgres.image").forEach(option -> project.setProperty(option, ""));
    given.setProperty(mistyped, "1");
    nameTheDatabase();
    assertThat(project.getProperty("database.problem")).isEqualTo("-D" + mistyped
        + " is no option of Liquibase or of this project, so it would change nothing. Did you mean -D" + meant + "?");
  }

  @Test
  void aGivenUrlKeepsDatabaseUrlFromBeingRead() {
    project.setProperty("mycelium.url", "what the POM takes from the command line");
    given.setProperty("liquibase.url", "jdbc:postgresql://given/d");
    environment.setProperty("env.DATABASE_URL", "postgresql://u:p@h/d");
    nameTheDatabase();
    assertThat(project.getProperty("mycelium.url")).isEqualTo("what the POM takes from the command line");
    assertThat(project.getProperty("mycelium.password")).as("password of the other database").isNull();
  }

  @Test
  void aGivenPasswordWinsOverThatOfDatabaseUrl() {
    project.setProperty("mycelium.password", "what the POM takes from the command line");
    given.setProperty("liquibase.password", "given");
    environment.setProperty("env.DATABASE_URL", "postgresql://u:p@h/d");
    nameTheDatabase();
    assertThat(project.getProperty("mycelium.username")).isEqualTo("u");
    assertThat(project.getProperty("mycelium.password")).isEqualTo("what the POM takes from the command line");
  }

  @Test
  void theEmbeddedDatabaseAndAGivenUrlExcludeEachOther() {
    project.setProperty("database.profile", "local");
    given.setProperty("liquibase.url", "jdbc:postgresql://given/d");
    nameTheDatabase();
    assertThat(project.getProperty("database.problem")).contains("-Plocal and -Dliquibase.url name two databases");
  }

  @Test
  void anEmptyDatabaseUrlIsRefusedRatherThanTakenForTheDefault() {
    environment.setProperty("env.DATABASE_URL", "");
    nameTheDatabase();
    assertThat(project.getProperty("database.problem"))
        .startsWith("DATABASE_URL is set, but empty. Unset it for the default database.");
  }

  @Test
  void withoutAnyTheDefaultStays() {
    project.setProperty("mycelium.url", "jdbc:postgresql://localhost:5432/mycelium");
    nameTheDatabase();
    assertThat(project.getProperty("mycelium.url")).isEqualTo("jdbc:postgresql://localhost:5432/mycelium");
    assertThat(project.getProperty("database.ready")).isEqualTo("true");
  }

  /** What Java makes of a letter that its locale does not have. */
  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"query", "category", "liquibase.password"})
  void anOptionThatJavaCouldNotReadIsRefused(String option) {
    given.setProperty(option, "geheim\uFFFD\uFFFD?");
    nameTheDatabase();
    assertThat(project.getProperty("database.problem")).startsWith("-D" + option + " has a letter")
        .endsWith("LC_ALL=C.UTF-8 mvn ...")
        .doesNotContain("geheim");
  }

  @Test
  void theFileOfAPreviewIsInTheProjectsFolderWhateverThePath() {
    project.setProperty("database.profile", "offline");
    project.setProperty("mycelium.url",
        "offline:postgresql?version=15.0&changeLogFile=target/x.csv&outputLiquibaseSql=all");
    nameTheDatabase(Path.of("/some where/a+b&c=d/100%20/é"));
    String[] parameters = project.getProperty("mycelium.url").split("[?&]");
    assertThat(parameters).as("parameters of the URL").hasSize(4);
    assertThat(URLDecoder.decode(parameters[2], StandardCharsets.UTF_8))
        .isEqualTo("changeLogFile=/some where/a+b&c=d/100%20/é/target/x.csv");
  }

  private void nameTheDatabase() {
    nameTheDatabase(Path.of("").toAbsolutePath());
  }

  private void nameTheDatabase(Path root) {
    // An option of Liquibase that the POM declares needs no plugin to vouch for it, and there is none here.
    given.stringPropertyNames()
        .stream()
        .filter(name -> name.startsWith("liquibase."))
        .forEach(name -> project.putIfAbsent(name, ""));
    new Initialize().run(root, given, environment, project, project.stringPropertyNames(), Map.of());
  }
}
