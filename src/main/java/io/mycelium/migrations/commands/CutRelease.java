package io.mycelium.migrations.commands;

import io.mycelium.migrations.Refused;
import io.mycelium.migrations.changelog.Changelog;
import io.mycelium.migrations.changelog.Release;
import io.mycelium.migrations.locks.LocksPage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import liquibase.changelog.ChangeSet;

/**
 * Cuts the release in the making: writes its tag, its checksums, its section of CHANGELOG.md, and the project's
 * version.
 */
public final class CutRelease {

  private CutRelease() {}

  /**
   * Cuts the release and prints what to do next.
   *
   * @param arguments none; the POM names the changelog
   * @throws Exception if there is nothing to release, or a file cannot be written; the message says why
   */
  public static void main(String[] arguments) throws Exception {
    System.out.println(cut(Changelog.named(), LocalDate.now(ZoneId.systemDefault())));
  }

  /**
   * Cuts the release.
   *
   * @param changelog the changelog, in a folder
   * @param day the day of the release
   * @return what was cut, and what to do next
   * @throws Refused if there is nothing to release, or if docs/locks.md lacks one of its changesets
   */
  public static String cut(Changelog changelog, LocalDate day) throws Exception {
    Release release = Release.inTheMaking(changelog.root());
    if (!release.isBegun()) {
      throw new Refused("nothing to release: every changeset is in a release that was cut. Begin release "
          + release.version() + " by its first changeset: mvn -Pnew -Ddomain=... -Dname=...");
    }
    Set<String> frozen = new HashSet<>();
    for (Release earlier : Release.all(release.root())) {
      frozen.addAll(earlier.checksums().keySet());
    }
    Changelog withCitus = new Changelog(changelog.files(), Changelog.CITUS);
    Release onCitus = Release.onCitus(release.root());
    Map<String, String> frozenOnCitus = onCitus.checksums();
    frozen.addAll(frozenOnCitus.keySet());
    List<ChangeSet> all = withCitus.changeSets();
    writeNotes(changelog, release, day, all.stream().filter(changeSet -> !frozen.contains(changeSet.getId())).toList());
    tag(release, changelog, all.stream().filter(changeSet -> changeSet.getId().startsWith("release-")).count() + 1);
    Map<String, String> checksums = changelog.checksums();
    Map<String, String> checksumsOnCitus = withCitus.checksums();
    checksumsOnCitus.keySet().removeAll(checksums.keySet());
    checksumsOnCitus.putAll(frozenOnCitus);
    checksums.keySet().removeAll(frozen);
    write(release, checksums);
    write(onCitus, checksumsOnCitus);
    String version = release.version() + ".0";
    release.setProjectVersion(version);
    return """
        cut release %1$s: its tag, %2$s/checksums.txt, its section of CHANGELOG.md, and version %3$s of the project
        next: read CHANGELOG.md and say it better where you can; mvn -Pdocs; mvn verify; then, for checksums.txt is new,
          git add --all && git commit -m "Release %3$s" && git tag v%3$s && git push --atomic origin HEAD v%3$s"""
        .formatted(release.version(), release.folder(), version);
  }

  private static void write(Release release, Map<String, String> checksums) throws IOException {
    // a project without changesets for Citus has no such folder
    Files.createDirectories(release.checksumsFile().getParent());
    Files.writeString(release.checksumsFile(),
        checksums.entrySet()
            .stream()
            .map(entry -> entry.getKey() + " " + entry.getValue() + "\n")
            .collect(Collectors.joining()));
  }

  /** Writes the tag at the end of the release's list, and into base.yaml's list of tags that an update may go to. */
  private static void tag(Release release, Changelog changelog, long number) throws IOException {
    release.append(String.format(Locale.ROOT, """

          - changeSet:
              id: release-%03d-tag-%2$s
              author: mycelium
              comment: Release %2$s is complete. A rollback to the tag keeps the tag.
              changes:
                - tagDatabase: {tag: "%2$s", keepTagOnRollback: true}
              rollback:
                - empty: {}
        """, number, release.version()), changelog);
    Path base = release.root().resolve("changelog/base.yaml");
    Files.writeString(base,
        Files.readString(base)
            .replaceFirst("(?m)^(.*; the tags: .*)$", "$1, " + release.version())
            .replaceFirst("(?s)(.*\\n)( +- changeLogPropertyDefined: \\{property: liquibase.toTag, value: )[^}]+}",
                "$0\n$2\"" + release.version() + "\"}"));
  }

  /**
   * Writes the section of CHANGELOG.md. For each changeset it says why it is there, what its rollback loses, and who
   * waits for it.
   */
  private static void writeNotes(Changelog changelog, Release release, LocalDate day, List<ChangeSet> changeSets)
      throws IOException, Refused {
    StringBuilder notes = new StringBuilder("## " + release.version() + " (" + day + ")\n\n");
    for (ChangeSet changeSet : changeSets) {
      notes.append("- **")
          .append(changeSet.getId())
          .append("**: ")
          .append(changeSet.getComments().strip())
          .append('\n');
      LocksPage.lines(changelog, changeSet.getId()).forEach(line -> notes.append("  - ").append(line).append('\n'));
    }
    Path file = release.root().resolve("CHANGELOG.md");
    String before = Files.readString(file);
    int newest = before.indexOf("\n## ") + 1;
    Files.writeString(file, before.substring(0, newest) + notes + "\n" + before.substring(newest));
  }
}
