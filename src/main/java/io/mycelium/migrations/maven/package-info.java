/**
 * What Maven asks in its initialize phase, before any goal runs: which database is meant, and whether somebody reads
 * each option. {@code src/main/maven/database.bsh} calls {@link Initialize}.
 */
package io.mycelium.migrations.maven;
