package io.mycelium.migrations.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.mycelium.migrations.embedded.EmbeddedPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.Container;
import org.testcontainers.containers.ContainerFetchException;
import org.testcontainers.containers.ExecConfig;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/**
 * A PostgreSQL on which test databases stand.
 *
 * @param container where it runs; null if it is embedded
 * @param port of one that is embedded
 */
record Server(PostgreSQLContainer container, int port) {

  /** A folder of the container that is in memory: to make a database there takes a tenth of the time. */
  private static final String MEMORY = "/memory";
  /** In bytes: 64 MB, which Docker gives, hold one HNSW index that is built, not two at once. */
  private static final long SHARED_MEMORY = 512L * 1024 * 1024;
  private static final String CITUS = "/citus.sh";

  /** The container of all tests; null if no Docker engine answers. */
  static final Server SHARED = startContainerIfDockerAnswers();
  private static final ThreadLocal<Server> EMBEDDED = ThreadLocal.withInitial(Server::startEmbedded);

  /** The container of all tests; without it the embedded PostgreSQL of this thread. */
  static Server ofThisThread() {
    return SHARED == null ? EMBEDDED.get() : SHARED;
  }

  /** The database in which others are created. */
  TestDatabase database() {
    return container == null
        ? new TestDatabase(this, "postgres", "postgres", "")
        : new TestDatabase(this, "postgres", container.getUsername(), container.getPassword());
  }

  /** The same with nothing in it, for the embedded PostgreSQL, which has no other. */
  TestDatabase emptiedDatabase() {
    try (Connection connection = database().connect()) {
      EmbeddedPostgres.removeEverything(connection);
    } catch (SQLException e) {
      throw new AssertionError(e.getMessage(), e);
    }
    return database();
  }

  String hostAndPort() {
    return container == null
        ? "127.0.0.1:" + port
        : container.getHost() + ":" + container.getMappedPort(PostgreSQLContainer.POSTGRESQL_PORT);
  }

  /** Runs a command in the container, as the user of PostgreSQL; the answer is what it printed. */
  String execute(String... command) {
    try {
      Container.ExecResult result =
          container.execInContainer(ExecConfig.builder().user("postgres").command(command).build());
      assertThat(result.getExitCode()).as("exit code of %s: %s", String.join(" ", command), result.getStderr())
          .isZero();
      return result.getStdout();
    } catch (Exception e) {
      throw new AssertionError(e.getMessage(), e);
    }
  }

  /**
   * Has a database stand on the workers of Citus, too. Nodes that two databases add at once are in each other's way.
   */
  synchronized void addToCitus(String database) {
    execute("sh", CITUS, "database", database);
  }

  private static Server startContainerIfDockerAnswers() {
    Server server = null;
    try {
      server = DockerClientFactory.instance().isDockerAvailable() ? startContainer() : null;
    } catch (ContainerFetchException e) {
      throw new IllegalStateException(
          "A Docker engine answers, but " + e.getMessage().replaceFirst(".*imageName=([^,]*).*", "the image $1")
              + " is neither here nor could it be pulled. See that `docker pull` gets it,"
              + " name another by -Dpostgres.image, or stop the engine, and the tests run on the embedded PostgreSQL",
          e);
    }
    System.out.println("Integration tests run on " + (server == null
        ? "the embedded PostgreSQL (PGlite), since no Docker engine answers"
        : "Testcontainers with the image " + server.container.getDockerImageName()));
    return server;
  }

  static Server startContainer() {
    PostgreSQLContainer container = new PostgreSQLContainer(
        DockerImageName.parse(System.getProperty("postgres.image")).asCompatibleSubstituteFor("postgres"))
        .withTmpFs(Map.of(TestDatabase.SMALL_DISK, "rw,size=64k", MEMORY, "rw"))
        .withEnv("PGDATA", MEMORY + "/data")
        .withSharedMemorySize(SHARED_MEMORY);
    if (Migrations.ON_CITUS) {
      // few shards a table, and a connection and a background process for each and each database
      container
          .withCommand("postgres", "-c", "fsync=off", "-c", "citus.shard_count=4", "-c", "max_connections=500", "-c",
              "max_worker_processes=1000")
          .withCopyFileToContainer(MountableFile.forClasspathResource("citus.sh"), CITUS);
    }
    container.start();
    Server server = new Server(container, 0);
    if (Migrations.ON_CITUS) {
      server.execute("sh", CITUS, "start");
    } else {
      server.answerFast();
    }
    return server;
  }

  /**
   * Has roles asked for an MD5 hash, since SCRAM takes 10 ms of processor time on purpose, and tests connect thousands
   * of times.
   */
  private void answerFast() {
    execute("sh", "-c", """
        sed -i s/scram-sha-256/md5/ $PGDATA/pg_hba.conf &&
        echo password_encryption=md5 >> $PGDATA/postgresql.conf""");
    TestDatabase database = database();
    database.execute("select pg_reload_conf()");
    database.execute("alter role %s password '%s'".formatted(database.username(), database.password()));
  }

  private static Server startEmbedded() {
    try {
      EmbeddedPostgres embedded =
          EmbeddedPostgres.start(Migrations.ROOT, "target/embedded/" + Thread.currentThread().getId());
      Runtime.getRuntime().addShutdownHook(new Thread(() -> {
        try {
          embedded.close();
        } catch (Exception e) {
          throw new IllegalStateException(e);
        }
      }));
      return new Server(null, embedded.port());
    } catch (Exception e) {
      throw new IllegalStateException("No Docker engine answers, and " + e.getMessage(), e);
    }
  }
}
