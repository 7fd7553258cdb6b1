package io.mycelium.migrations.maven;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mycelium.migrations.Refused;
import io.mycelium.migrations.Resource;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.Driver;

/** Each parameter of a URL of PostgreSQL is honoured with psql's meaning, or refused by its name. */
class ConnectionParametersTest {

  private static final Path CONNECTION = Path.of("src/main/maven/connection.properties");
  private static final Set<String> OF_THE_DRIVER =
      Arrays.stream(new Driver().getPropertyInfo("jdbc:postgresql:d", new Properties()))
          .map(property -> property.name)
          .collect(Collectors.toCollection(TreeSet::new));

  /** The lines of the table, each with its cells. */
  static List<String[]> table() {
    return Resource.text(ConnectionParameters.class, "connection-parameters.txt")
        .lines()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .map(line -> Arrays.copyOf(line.split(" *\\| *", -1), 5))
        .toList();
  }

  @Test
  void theTableHasEachParameterOfTheDriver() {
    assertThat(table()).extracting(cells -> cells[0])
        .as("the table")
        .doesNotHaveDuplicates()
        .containsAll(OF_THE_DRIVER);
  }

  /** In the order of its documentation, "Parameter Key Words" of PostgreSQL 18, which has all of the older ones. */
  @ParameterizedTest
  @ValueSource(strings = {"host", "hostaddr", "port", "dbname", "user", "password", "passfile", "require_auth",
      "channel_binding", "connect_timeout", "client_encoding", "options", "application_name",
      "fallback_application_name", "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count",
      "tcp_user_timeout", "replication", "gssencmode", "sslmode", "requiressl", "sslnegotiation", "sslcompression",
      "sslcert", "sslkey", "sslkeylogfile", "sslpassword", "sslcertmode", "sslrootcert", "sslcrl", "sslcrldir",
      "sslsni", "requirepeer", "ssl_min_protocol_version", "ssl_max_protocol_version", "min_protocol_version",
      "max_protocol_version", "krbsrvname", "gsslib", "gssdelegation", "scram_client_key", "scram_server_key",
      "service", "servicefile", "target_session_attrs", "load_balance_hosts", "oauth_issuer", "oauth_client_id",
      "oauth_client_secret", "oauth_scope"})
  void theTableHasEachParameterOfLibpq(String name) {
    assertThat(table()).extracting(cells -> cells[0]).contains(name);
  }

  /**
   * A value that is allowed, or any, leads to a URL of which the driver knows each word; else it is refused by name.
   */
  @ParameterizedTest(name = "{0}")
  @MethodSource("table")
  void whatIsPassedOnTheDriverKnows(String name, String variable, String property, String values, String otherwise)
      throws Exception {
    String value = values == null || values.isEmpty() || values.equals("*") ? "x"
        : values.equals("number") ? "7"
        : values.split(" ")[0].split("=")[0];
    boolean refused = property != null && property.isEmpty() && values.isEmpty();
    for (boolean asVariable : List.of(false, true)) {
      if (asVariable && (variable == null || variable.isEmpty())) {
        continue;
      }
      String given = name.matches("port|PGPORT") ? "77" : value;
      String url = asVariable ? "postgresql:///" : "postgresql:///?" + name + "=" + given;
      Map<String, String> environment = asVariable ? Map.of(variable, given) : Map.of();
      if (refused) {
        assertThatThrownBy(() -> DatabaseUrl.read(url, environment, CONNECTION)).isInstanceOf(Refused.class)
            .hasMessageContaining((asVariable ? variable : name) + " ")
            .hasMessageContaining(otherwise);
      } else {
        Properties read = Driver.parseURL(DatabaseUrl.read(url, environment, CONNECTION).url(), new Properties());
        assertThat(read).as(url).isNotNull();
        assertThat(OF_THE_DRIVER).as(url).containsAll(read.stringPropertyNames());
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      ?target_session_attrs=read-write | targetServerType=primary
      ?target_session_attrs=prefer-standby | targetServerType=preferSecondary
      ?load_balance_hosts=random | loadBalanceHosts=true
      ?schema=app | currentSchema=app
      ?search_path=app,public | currentSchema=app%2Cpublic
      ?keepalives=1 | tcpKeepAlive=true
      ?require_auth=scram-sha-256 | requireAuth=scram-sha-256
      ?sslnegotiation=direct&sslmode=require | sslNegotiation=direct&sslmode=require
      ?ssl=true | sslmode=require
      ?sslmode=require&sslrootcert=ca.pem | sslmode=verify-ca&sslrootcert=ca.pem
      ?sslmode=verify-full&sslrootcert=ca.pem | sslmode=verify-full&sslrootcert=ca.pem
      ?sslrootcert=system | sslmode=verify-full&sslfactory=org.postgresql.ssl.DefaultJavaSSLFactory
      ?prepared_statement_cache_size=0 | preparedStatementCacheQueries=0
      ?sslmode=disable&sslmode=require | sslmode=require
      ?fallback_application_name=app |
      ?client_encoding=utf8 |
      ?sslsni=1&sslcertmode=allow&async_fallback=true& |
      """)
  void aParameterHasPsqlsMeaning(String query, String expected) throws Exception {
    assertThat(DatabaseUrl.read("postgresql://h/d" + query, Map.of(), CONNECTION).url())
        .isEqualTo("jdbc:postgresql://h/d" + (expected == null ? "" : "?" + expected));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      ?target_session_attrs=master | a target_session_attrs that the JDBC driver cannot take; possible is any, primary
      ?connect_timeout=soon | a connect_timeout that the JDBC driver cannot take; possible is number
      ?sslcrl=x.crl | sslcrl that the JDBC driver cannot take: the driver reads no list
      ?service=prod | write what that service says into DATABASE_URL
      ?sslrootcert=system&sslmode=require | goes with sslmode=verify-full alone
      ?sslrootcert=system&sslcert=c.pem | shows no certificate of a client
      ?hostaddr=10.0.0.1&sslmode=verify-full | against which the JDBC driver would check the certificate
      ?sslmod=require | the parameter sslmod, which neither psql nor the JDBC driver knows. Did you mean sslmode?
      ?statement_timeout=3 | options: ?options=-c%20name%3Dvalue
      ?sslmode | a parameter without a value
      ?password=a&secret=b | an unknown parameter behind its password; in a password write & as %26
      """)
  void whatTheDriverCannotDoIsRefused(String query, String problem) {
    assertThatThrownBy(() -> DatabaseUrl.read("postgresql://h/d" + query, Map.of(), CONNECTION))
        .isInstanceOf(Refused.class)
        .hasMessageContaining(problem)
        .hasMessageNotContaining("secret");
  }

  @ParameterizedTest(name = "{1} {0}")
  @CsvSource(delimiter = '|', textBlock = """
      postgresql:///d | PGHOST=db PGPORT=5433 | jdbc:postgresql://db:5433/d | |
      postgresql://h/d | PGHOST=db PGPORT=5433 | jdbc:postgresql://h:5433/d | |
      postgresql://h:1/d | PGHOST=db PGPORT=5433 | jdbc:postgresql://h:1/d | |
      postgresql://h1,h2/d | PGPORT=5433 | jdbc:postgresql://h1:5433,h2:5433/d | |
      postgresql:///d | PGHOST=a,b PGPORT=1,2 | jdbc:postgresql://a:1,b:2/d | |
      postgresql://h/d | PGHOSTADDR=10.0.0.1 | jdbc:postgresql://10.0.0.1/d | |
      postgresql:///d | PGHOST=::1 | jdbc:postgresql://[::1]/d | |
      postgresql://h | PGDATABASE=d PGUSER=u | jdbc:postgresql://h/d | u |
      postgresql://h/d | PGUSER=u PGPASSWORD=secret | jdbc:postgresql://h/d | u | secret
      postgresql://me:mine@h/d | PGUSER=u PGPASSWORD=secret | jdbc:postgresql://h/d | me | mine
      postgresql://h/d | PGSSLMODE=require PGAPPNAME=a | jdbc:postgresql://h/d?ApplicationName=a&sslmode=require | |
      postgresql://h/d?ssl=disable | PGSSLMODE=require | jdbc:postgresql://h/d?sslmode=disable | |
      postgresql://h/d | PGTARGETSESSIONATTRS=read-write | jdbc:postgresql://h/d?targetServerType=primary | |
      postgresql://h/d | PGPORT= | jdbc:postgresql://h/d | |
      """)
  void whatTheUrlLeavesOutIsTakenFromTheEnvironment(String url, String variables, String jdbc, String username,
      String password) throws Exception {
    DatabaseUrl read = DatabaseUrl.read(url, environment(variables), CONNECTION);
    assertThat(read)
        .isEqualTo(new DatabaseUrl(jdbc, username == null ? "" : username, password == null ? "" : password));
  }

  @Test
  void optionsOfTheEnvironmentComeAfterOurOwn() throws Exception {
    assertThat(DatabaseUrl.read("postgresql://h/d", Map.of("PGOPTIONS", "-c search_path=app"), CONNECTION).url())
        .contains("options=-c+lock_timeout")
        .endsWith("+-c+search_path%3Dapp");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      PGSERVICE=prod        | PGSERVICE is set, which psql takes where DATABASE_URL has no service.
      PGHOST=/run/postgres  | names a Unix socket
      PGPORT=x              | PGPORT has a port that is no number
      PGSSLMODE=secret      | PGSSLMODE is set
      PGSSLCRL=secret       | PGSSLCRL is set
      PGTZ=Asia/Tokyo       | PGTZ is set
      PGPASSWORD=secret\uFFFD | PGPASSWORD has a letter that is not in ASCII
      """)
  void aVariableThatTheDriverCannotFollowIsRefused(String variable, String problem) {
    assertThatThrownBy(() -> DatabaseUrl.read("postgresql:///d", environment(variable), CONNECTION))
        .isInstanceOf(Refused.class)
        .hasMessageContaining(problem)
        .hasMessageNotContaining("secret");
  }

  private static Map<String, String> environment(String variables) {
    return Arrays.stream(variables.split(" "))
        .map(variable -> variable.split("=", 2))
        .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
  }
}
