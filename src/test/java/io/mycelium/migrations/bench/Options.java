package io.mycelium.migrations.bench;

import java.util.List;

/** The options of {@code mvn -Pbench}, whose defaults stand in the POM. */
final class Options {

  /** The parts to run. */
  static final List<String> PARTS = List.of(System.getProperty("bench.parts").split(","));
  /** How often each side is measured. */
  static final int ROUNDS = Integer.getInteger("bench.rounds");
  /** How long pgbench runs. */
  static final int SECONDS = Integer.getInteger("bench.seconds");
  /** Rows of an insert in bulk. */
  static final int ROWS = Integer.getInteger("bench.rows");
  /** Rows of agent_usage that the statistics are of. */
  static final int USAGE = Integer.getInteger("bench.usage");
  /** Agents that are searched. */
  static final int VECTORS = Integer.getInteger("bench.vectors");

  private Options() {}
}
