package io.mycelium.migrations.report;

import com.samskivert.mustache.Mustache;
import io.mycelium.migrations.Resource;
import io.mycelium.migrations.changelog.History.Applied;
import io.mycelium.migrations.locks.Touched;
import io.mycelium.migrations.report.Facts.Answer;
import io.mycelium.migrations.schema.Contents.Column;
import io.mycelium.migrations.schema.Contents.Part;
import io.mycelium.migrations.schema.Contents.Relation;
import io.mycelium.migrations.schema.Diagram;
import io.mycelium.migrations.schema.Difference;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The report as one HTML file that needs nothing beside it. The template, {@code report.html}, escapes whatever stands
 * in it, and the page's own policy runs no script but its own.
 */
public final class Page {

  private static final DateTimeFormatter MINUTE = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT);
  private static final Pattern ON_ROLLBACK =
      Pattern.compile("[^.]*\\brollbacks?\\b[^.]*(?:\\.|$)", Pattern.CASE_INSENSITIVE);

  private Page() {}

  /**
   * The page.
   *
   * @param facts what it says
   */
  public static String of(Facts facts) {
    return Mustache.compiler()
        .emptyStringIsFalse(true)
        .zeroIsFalse(true)
        .compile(Resource.text(Page.class, "report.html"))
        .execute(view(facts));
  }

  /**
   * The page in a line.
   *
   * @param facts what the page says
   */
  public static String verdict(Facts facts) {
    return facts.server().address() + (facts.applied().isEmpty() ? " has " : " is ") + facts.where() + "; "
        + verdicts(facts).stream().map(verdict -> verdict.says).collect(Collectors.joining("; "));
  }

  /**
   * Part of the verdict: {@code good}, {@code warn}, {@code bad} or {@code unknown}; where it stands on the page; what
   * it says; of what.
   */
  @SuppressWarnings("UnusedMethod") // the template calls them
  private record Verdict(String state, String section, String says, String names) {

    String sentence() {
      return says.substring(0, 1).toUpperCase(Locale.ROOT) + says.substring(1);
    }

    boolean isGood() {
      return state.equals("good");
    }

    String word() {
      return Map.of("good", "Sound", "warn", "Look", "bad", "Act", "unknown", "Not known").get(state);
    }
  }

  @SuppressWarnings("UnusedMethod") // the template calls it
  private record Run(String when, String count, String tags, String to, List<Step> steps) {

    boolean isTagged() {
      return steps.stream().anyMatch(step -> !step.tag.isEmpty());
    }
  }

  private record Step(String id, String tag, String when, String why) {}

  private record Change(String id, String why, String loses, List<String> losses, String sql, String rollback,
      boolean locks, List<Touched> touched, String reason) {}

  private record Drifted(String name, String wrong, List<Comparison.Row> rows) {}

  private record Size(String name, boolean index, String rows, String size, String share, String scans) {}

  private record Table(String name, String kind, boolean table, String comment, String size, List<Column> columns,
      List<Part> constraints, List<Part> indexes, List<Part> triggers) {}

  private static Map<String, Object> view(Facts facts) {
    List<Verdict> verdicts = verdicts(facts);
    boolean sound = verdicts.stream().allMatch(Verdict::isGood);
    String script = Resource.text(Page.class, "report.js");
    List<Difference> drift = facts.drift().value() == null ? List.of() : facts.drift().value().objects();
    return Map.ofEntries(Map.entry("server", facts.server()),
        Map.entry("read", MINUTE.format(facts.server().read().atOffset(ZoneOffset.UTC))),
        Map.entry("style", Resource.text(Page.class, "report.css")), Map.entry("script", script),
        Map.entry("scriptHash", hash(script)), Map.entry("where", facts.where()),
        Map.entry("sound", sound ? verdicts : List.of()), Map.entry("verdicts", sound ? List.of() : verdicts),
        Map.entry("nothingApplied", facts.applied().isEmpty()), Map.entry("runs", runs(facts)),
        Map.entry("unknown", facts.unknown()),
        Map.entry("pending", facts.pending().stream().map(Page::change).toList()),
        Map.entry("nothingPending", facts.pending().isEmpty()), Map.entry("pendingCount", facts.pending().size()),
        Map.entry("health",
            facts.health().value() == null
                ? List.of()
                : List.of(Map.of("findings", facts.health().value().stream().map(Page::finding).toList()))),
        Map.entry("healthReason", orEmpty(facts.health().reason())),
        Map.entry("drift", drift.stream().map(Page::drifted).toList()),
        Map.entry("noDrift", facts.drift().value() != null && drift.isEmpty()),
        Map.entry("driftReason", orEmpty(facts.drift().reason())),
        Map.entry("driftSql", facts.drift().value() == null ? "" : facts.drift().value().sql().strip()),
        Map.entry("uncompared", facts.drift().value() == null ? List.of() : facts.drift().value().uncompared()),
        Map.entry("unread", facts.drift().value() == null ? List.of() : facts.drift().value().unread()),
        Map.entry("foreign", facts.drift().value() == null ? List.of() : facts.drift().value().foreign()),
        Map.entry("sizes", facts.sizes().value() == null ? List.of() : sizes(facts.sizes().value())),
        Map.entry("sizesReason", orEmpty(facts.sizes().reason())), Map.entry("diagram", diagram(facts)),
        Map.entry("legend", Diagram.LEGEND),
        Map.entry("tables",
            facts.schema().relations().stream().map(relation -> table(relation, facts.sizes())).toList()),
        Map.entry("routines", facts.schema().routines()));
  }

  private static List<Verdict> verdicts(Facts facts) {
    return List.of(pendingVerdict(facts.pending().stream().map(Facts.Pending::id).toList()),
        driftVerdict(facts.drift()), healthVerdict(facts.health()));
  }

  private static Verdict pendingVerdict(List<String> ids) {
    return ids.isEmpty()
        ? new Verdict("good", "pending", "nothing is pending", "")
        : new Verdict("warn", "pending",
            count(ids.size(), "changeset") + (ids.size() == 1 ? " is pending" : " are pending"),
            ids.size() < 3 ? String.join(", ", ids) : ids.get(0) + " to " + ids.get(ids.size() - 1));
  }

  private static Verdict driftVerdict(Answer<Facts.Drift> drift) {
    if (drift.value() == null) {
      return new Verdict("unknown", "drift", "drift is not known", drift.reason());
    }
    List<String> objects = drift.value().objects().stream().map(Difference::object).toList();
    return objects.isEmpty()
        ? new Verdict("good", "drift", "nothing has drifted", "")
        : new Verdict("bad", "drift",
            count(objects.size(), "object") + (objects.size() == 1 ? " has drifted" : " have drifted"), some(objects));
  }

  private static Verdict healthVerdict(Answer<List<Finding>> health) {
    if (health.value() == null) {
      return new Verdict("unknown", "health", "health is not known", health.reason());
    }
    List<String> problems = checks(health.value(), "problem");
    List<String> warnings = checks(health.value(), "warning");
    String alsoWarnings = warnings.isEmpty() ? "" : ", " + count(warnings.size(), "warning");
    return problems.isEmpty()
        ? new Verdict("good", "health", "no health problem" + alsoWarnings, some(warnings))
        : new Verdict("bad", "health", count(problems.size(), "health problem") + alsoWarnings, some(problems));
  }

  private static List<String> checks(List<Finding> findings, String state) {
    return findings.stream().filter(finding -> finding.state().equals(state)).map(Finding::check).distinct().toList();
  }

  private static String some(List<String> names) {
    return String.join(", ", names.subList(0, Math.min(names.size(), 3)))
        + (names.size() > 3 ? " and " + (names.size() - 3) + " more" : "");
  }

  /** The newest first; what one run of Liquibase applied stands together. */
  private static List<Run> runs(Facts facts) {
    List<List<Applied>> groups = new ArrayList<>();
    for (Applied row : facts.applied()) {
      List<Applied> last = groups.isEmpty() ? List.of() : groups.get(groups.size() - 1);
      if (last.isEmpty() || !Objects.equals(last.get(0).deployment(), row.deployment())) {
        groups.add(new ArrayList<>());
      }
      groups.get(groups.size() - 1).add(row);
    }
    List<Run> runs = new ArrayList<>();
    for (List<Applied> group : groups) {
      Applied last = group.get(group.size() - 1);
      String tags = group.stream().map(Applied::tag).filter(Objects::nonNull).collect(Collectors.joining(", "));
      runs.add(0,
          new Run(when(last), count(group.size(), "changeset"), (tags.contains(",") ? "tags " : "tag ") + tags,
              last.tag() == null ? last.id() : "",
              group.stream()
                  .map(row -> new Step(row.id(), orEmpty(row.tag()), when(row),
                      facts.comments().getOrDefault(row.id(), "Not in this changelog.")))
                  .toList()));
    }
    return runs;
  }

  private static String when(Applied row) {
    return row.executed() == null ? "at a time that is not noted" : MINUTE.format(row.executed());
  }

  private static Change change(Facts.Pending pending) {
    List<Touched> touched = pending.locks().value();
    String loses = ON_ROLLBACK.matcher(pending.why())
        .results()
        .map(MatchResult::group)
        .map(String::strip)
        .collect(Collectors.joining(" "));
    return new Change(pending.id(), pending.why(), loses, pending.losses(), pending.sql(), pending.rollback(),
        touched != null && !touched.isEmpty(), touched == null ? List.of() : touched,
        orEmpty(pending.locks().reason()));
  }

  private static Map<String, Object> finding(Finding finding) {
    return Map.of("check", finding.check(), "state", finding.state(), "detail", finding.detail(), "remedy",
        orEmpty(finding.remedy()), "class",
        Map.of("ok", "good", "warning", "warn").getOrDefault(finding.state(), "bad"));
  }

  private static Drifted drifted(Difference difference) {
    String wrong = difference.found() == null ? "missing" : difference.expected() == null ? "extra" : "different";
    return new Drifted(difference.object(), wrong,
        Comparison.of(orEmpty(difference.expected()), orEmpty(difference.found())));
  }

  private static List<Size> sizes(Sizes sizes) {
    long largest = sizes.tables().stream().mapToLong(Sizes.Entry::bytes).max().orElse(0);
    return sizes.tables()
        .stream()
        .map(entry -> new Size(entry.name(), entry.table() != null, entry.rows() == null ? "" : rows(entry.rows()),
            entry.size(), String.format(Locale.ROOT, "%.1f", largest == 0 ? 0 : 100.0 * entry.bytes() / largest),
            entry.scans() == null ? "" : String.format(Locale.ROOT, "%,d", entry.scans())))
        .toList();
  }

  private static String rows(long rows) {
    return rows < 0 ? "not counted" : String.format(Locale.ROOT, "%,d", rows);
  }

  private static Table table(Relation relation, Answer<Sizes> sizes) {
    String size = sizes.value() == null
        ? ""
        : sizes.value()
            .tables()
            .stream()
            .filter(entry -> entry.table() == null && entry.name().equals(relation.name()))
            .map(entry -> (entry.rows() < 0 ? "rows not counted" : count(entry.rows(), "row")) + ", " + entry.size())
            .findFirst()
            .orElse("");
    return new Table(relation.name(), relation.kind(), relation.isTable(), relation.comment(), size, relation.columns(),
        relation.constraints(), relation.indexes(), relation.triggers());
  }

  /** In the page a picture with links; those to what this database does not have lead nowhere, and are none. */
  private static String diagram(Facts facts) {
    List<String> names = facts.schema().relations().stream().map(Relation::name).toList();
    Function<MatchResult, String> link =
        match -> names.contains(match.group(1)) ? "<a href=\"#relation-" + match.group(1) + "\">" : "<a>";
    return Pattern.compile("<a href=\"#([^\"]*)\">")
        .matcher(facts.diagram()
            .replaceFirst("(?s)<metadata>.*?</metadata>\n", "")
            .replace("role=\"img\"", "role=\"group\""))
        .replaceAll(link);
  }

  private static String count(long count, String what) {
    return String.format(Locale.ROOT, "%,d %s%s", count, what, count == 1 ? "" : "s");
  }

  private static String orEmpty(String text) {
    return text == null ? "" : text;
  }

  /** What the page's policy lets run. */
  private static String hash(String script) {
    try {
      return Base64.getEncoder()
          .encodeToString(MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
