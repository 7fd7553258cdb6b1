package io.mycelium.migrations.embedded;

import io.mycelium.migrations.Refused;
import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The Node that runs the embedded database. */
public final class Node {

  private static final int OLDEST = 20;
  private static final Pattern VERSION = Pattern.compile("v(\\d+)\\..*");
  private static final String REMEDY =
      " -Plocal runs the embedded PostgreSQL on Node " + OLDEST + " or later, with npm: install it from"
          + " https://nodejs.org, or use a server (docker compose up -d --wait, or DATABASE_URL)";

  private Node() {}

  /**
   * Checks that it is there.
   *
   * @throws Refused if it is missing or too old
   */
  public static void check() throws Refused {
    String version;
    try {
      version = new ProcessBuilder("node", "--version").start().inputReader().readLine();
    } catch (IOException missing) {
      throw new Refused("Node is not installed." + REMEDY);
    }
    Matcher major = VERSION.matcher(version == null ? "" : version);
    if (!major.matches() || Integer.parseInt(major.group(1)) < OLDEST) {
      throw new Refused("Node " + version + " is too old." + REMEDY);
    }
  }
}
