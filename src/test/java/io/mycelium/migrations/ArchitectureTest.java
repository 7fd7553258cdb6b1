package io.mycelium.migrations;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The packages know one another downwards only, so that a reader of one needs none of those above it. */
class ArchitectureTest {

  private static final String ROOT = "io.mycelium.migrations.";

  /** From the top down. What stands on one line does not know each other. */
  private static final List<List<String>> FLOORS = List.of(List.of("maven", "commands"), //
      List.of("report", "plan"), //
      List.of("locks"), //
      List.of("schema"), //
      List.of("changelog"), //
      List.of("embedded"));

  private static final JavaClasses MAIN = new ClassFileImporter().importPath(Path.of("target/classes"));
  private static final JavaClasses TESTS = new ClassFileImporter().importPath(Path.of("target/test-classes"));

  /** A package, and all that it may not know: those above it and beside it. */
  private record Floor(String name, List<String> unknown) {}

  static List<Floor> floors() {
    List<Floor> floors = new ArrayList<>();
    List<String> above = new ArrayList<>();
    for (List<String> floor : FLOORS) {
      for (String name : floor) {
        List<String> unknown = new ArrayList<>(above);
        floor.stream().filter(beside -> !beside.equals(name)).forEach(unknown::add);
        floors.add(new Floor(name, unknown));
      }
      above.addAll(floor);
    }
    return floors;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("floors")
  void aPackageKnowsOnlyThoseBelowIt(Floor floor) {
    noClasses().that()
        .resideInAPackage(ROOT + floor.name)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(floor.unknown.stream().map(name -> ROOT + name + "..").toArray(String[]::new))
        .check(MAIN);
  }

  @Test
  void onlyTheModelKnowsPgCodeKeeper() {
    noClasses().that()
        .haveNameNotMatching(".*[.](CodeKeeper|Alike|ScriptWriter|FilesLoader)(\\$.*)?")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.pgcodekeeper..", "org.antlr..")
        .check(MAIN);
  }

  @Test
  void aRoomOfTestsNeedsNoOtherRoom() {
    slices().assignedFrom(new Rooms()).should().notDependOnEachOther().check(TESTS);
  }

  /** The packages of the tests. All know {@code testing}, in which stands what they share. */
  private static final class Rooms implements SliceAssignment {

    @Override
    public SliceIdentifier getIdentifierOf(JavaClass one) {
      String room = one.getPackageName();
      return TESTS.contain(one.getName()) && !room.equals(ROOT + "testing")
          ? SliceIdentifier.of(room)
          : SliceIdentifier.ignore();
    }

    @Override
    public String getDescription() {
      return "the rooms of the tests";
    }
  }
}
