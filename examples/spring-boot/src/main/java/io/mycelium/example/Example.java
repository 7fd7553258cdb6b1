package io.mycelium.example;

import javax.sql.DataSource;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.jdbc.DataSourceBuilder;
import org.springframework.boot.liquibase.autoconfigure.LiquibaseDataSource;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;

/** Says where the schema stands, once Spring Boot has applied the migrations. */
@SpringBootApplication
public class Example {

  public static void main(String[] arguments) {
    SpringApplication.run(Example.class, arguments);
  }

  /**
   * The connections of the migrations: to the application's database, with the settings of `migrations.connection-properties`. They
   * are not the application's own, since a connection of its pool would keep these settings. `spring.liquibase.url` would do the same,
   * but would have to repeat the URL.
   */
  @Bean(defaultCandidate = false)
  @LiquibaseDataSource
  @ConfigurationProperties("migrations")
  SimpleDriverDataSource migrations(DataSource application) {
    return DataSourceBuilder.derivedFrom(application).type(SimpleDriverDataSource.class).build();
  }

  @Bean
  CommandLineRunner whereTheSchemaStands(JdbcClient database) {
    return arguments -> System.out.println(database.sql("""
        SELECT format('The schema is at tag %s and holds %s agents',
          (SELECT tag FROM databasechangelog WHERE tag IS NOT NULL ORDER BY orderexecuted DESC LIMIT 1),
          (SELECT count(*) FROM agents))""").query(String.class).single());
  }
}
