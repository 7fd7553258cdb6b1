package io.mycelium.migrations.bench;

/** A part of the benchmark. */
interface Part {

  /** Measures, and writes rows of the table. */
  void measure() throws Exception;
}
