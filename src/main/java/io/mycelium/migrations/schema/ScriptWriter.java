package io.mycelium.migrations.schema;

import io.mycelium.migrations.Resource;
import io.mycelium.migrations.schema.CodeKeeper.Token;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.commons.lang3.reflect.FieldUtils;
import org.pgcodekeeper.core.PgDiffUtils;
import org.pgcodekeeper.core.model.difftree.CompareTree;
import org.pgcodekeeper.core.model.difftree.DbObjType;
import org.pgcodekeeper.core.model.difftree.DiffTree;
import org.pgcodekeeper.core.model.difftree.TreeElement;
import org.pgcodekeeper.core.model.difftree.TreeElement.DiffSide;
import org.pgcodekeeper.core.model.difftree.TreeFlattener;
import org.pgcodekeeper.core.model.graph.ActionsToScriptConverter;
import org.pgcodekeeper.core.model.graph.DbObject;
import org.pgcodekeeper.core.model.graph.DepcyResolver;
import org.pgcodekeeper.core.schema.AbstractConstraint;
import org.pgcodekeeper.core.schema.AbstractDatabase;
import org.pgcodekeeper.core.schema.AbstractTable;
import org.pgcodekeeper.core.schema.ObjectState;
import org.pgcodekeeper.core.schema.PgStatement;
import org.pgcodekeeper.core.schema.pg.PgColumn;
import org.pgcodekeeper.core.schema.pg.PgConstraintExclude;
import org.pgcodekeeper.core.schema.pg.PgConstraintFk;
import org.pgcodekeeper.core.script.SQLScript;
import org.pgcodekeeper.core.settings.CoreSettings;

/**
 * Writes the statements that turn one model into another. They are pgCodeKeeper's, taken as it makes them. Its own way
 * puts them into one text and parses that again, which fails, since its grammar does not know all that it writes.
 *
 * @param from the model to start from
 * @param to the model to reach
 * @param wanted whether to change an object
 */
record ScriptWriter(AbstractDatabase from, AbstractDatabase to, Predicate<PgStatement> wanted) {

  private static final String RESET_STORAGE = Resource.text(ScriptWriter.class, "reset-storage.sql").strip();

  /** The statements, without semicolons, in the order in which they can run. */
  List<String> write() throws InterruptedException {
    TreeElement root = DiffTree.create(CodeKeeper.SETTINGS, from, to);
    select(root);
    Map<String, String> corrections = corrections();
    List<String> statements = new ArrayList<>();
    for (String written : written(root)) {
      statements.addAll(statements(corrections.getOrDefault(written, written)));
    }
    from.getDescendants()
        .flatMap(AbstractTable::columnAdder)
        .filter(wanted)
        .forEach(one -> addUnwritten(one, one.getTwin(to), statements));
    return statements;
  }

  /** Marks in the tree of differences what is to be written. */
  private void select(TreeElement element) {
    for (TreeElement child : element.getChildren()) {
      PgStatement statement = child.getPgStatementSide(from, to);
      boolean ofAWhole = element.isSelected() && element.getSide() != DiffSide.BOTH && CodeKeeper.isPart(statement);
      child.setSelected(ofAWhole || wanted.test(statement));
      select(child);
    }
  }

  @SuppressWarnings("deprecation") // addColumns, which pgCodeKeeper itself calls here
  private List<String> written(TreeElement root) {
    List<TreeElement> selected = new TreeFlattener().onlySelected().flatten(root);
    for (TreeElement element : List.copyOf(selected)) {
      if (element.getType() == DbObjType.TABLE && element.getSide() == DiffSide.BOTH) {
        DiffTree.addColumns(((AbstractTable) element.getPgStatement(from)).getColumns(),
            ((AbstractTable) element.getPgStatement(to)).getColumns(), element, selected);
      }
    }
    selected.sort(new CompareTree());
    List<DbObject> objects = new ArrayList<>();
    for (TreeElement element : selected) {
      objects.add(new DbObject(element.getSide() == DiffSide.RIGHT ? null : element.getPgStatement(from),
          element.getSide() == DiffSide.LEFT ? null : element.getPgStatement(to)));
    }
    Set<PgStatement> refreshed = new LinkedHashSet<>();
    SQLScript script = new SQLScript(CodeKeeper.SETTINGS);
    ActionsToScriptConverter.fillScript(script,
        DepcyResolver.resolve(from, to, null, null, refreshed, objects, CodeKeeper.SETTINGS), refreshed, from, to,
        selected);
    return written(script);
  }

  /**
   * Of what pgCodeKeeper writes what is right instead: an EXCLUDE cannot be NOT VALID, and a foreign key that is
   * enforced again does not become deferrable.
   */
  private Map<String, String> corrections() {
    Map<String, String> corrections = new HashMap<>();
    to.getDescendants().filter(PgConstraintExclude.class::isInstance).forEach(exclude -> {
      SQLScript wrong = new SQLScript(CodeKeeper.SETTINGS);
      SQLScript right = new SQLScript(new CoreSettings());
      exclude.getCreationSQL(wrong);
      exclude.getCreationSQL(right);
      corrections.put(written(wrong).get(0), written(right).get(0));
    });
    to.getDescendants().filter(PgConstraintFk.class::isInstance).forEach(key -> {
      PgStatement is = key.getTwin(from);
      SQLScript alter = new SQLScript(CodeKeeper.SETTINGS);
      SQLScript make = new SQLScript(CodeKeeper.SETTINGS);
      if (is != null && is.appendAlterSQL(key, alter) == ObjectState.ALTER) {
        key.getCreationSQL(make);
        boolean deferrable = written(make).get(0).contains(" DEFERRABLE");
        written(alter).stream()
            .filter(wrong -> !deferrable && wrong.contains("ENFORCED"))
            .forEach(wrong -> corrections.put(wrong, wrong.replace(" DEFERRABLE INITIALLY IMMEDIATE", "")));
      }
    });
    return corrections;
  }

  private static List<String> written(SQLScript script) {
    try {
      List<String> written = new ArrayList<>();
      ((Map<?, ?>) FieldUtils.readField(script, "statements", true)).values()
          .forEach(some -> ((Collection<?>) some).forEach(one -> written.add((String) one)));
      return written;
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * One statement, or several of ALTER TABLE where a constraint is to be validated, without pgCodeKeeper's comments.
   */
  private static List<String> statements(String written) {
    if (!written.startsWith("ALTER TABLE ")) {
      return written.startsWith("--") ? List.of() : List.of(written.replaceFirst(";$", ""));
    }
    List<String> statements = new ArrayList<>();
    StringBuilder statement = new StringBuilder();
    for (Token token : CodeKeeper.tokens(written)) {
      if (token.text().equals(";")) {
        statements.add(statement.toString().strip());
        statement.setLength(0);
      } else if (!token.blank() || token.text().isBlank()) {
        statement.append(token.text());
      }
    }
    return statements;
  }

  /** Adds what pgCodeKeeper does not write, or writes so that PostgreSQL refuses it. */
  private void addUnwritten(PgStatement is, PgStatement wish, List<String> statements) {
    if (is instanceof PgColumn column && wish instanceof PgColumn target) {
      // it only warns where a column goes back to the storage of its type, and PostgreSQL 15 has no statement for that
      if (column.getStorage() != null && target.getStorage() == null) {
        statements
            .add(RESET_STORAGE.formatted(literal(column.getParent().getQualifiedName()), literal(column.getName())));
      }
      // it does not see that a column goes back to the collation of its type
      if (column.getCollation() != null && target.getCollation() == null && column.getType().equals(target.getType())) {
        statements.add("ALTER TABLE %s ALTER COLUMN %s TYPE %s COLLATE pg_catalog.\"default\""
            .formatted(column.getParent().getQualifiedName(), CodeKeeper.quoted(column.getName()), column.getType()));
      }
    } else if (is instanceof AbstractConstraint constraint && wish instanceof AbstractConstraint target
        && !constraint.isNotValid() && target.isNotValid()) {
      // no statement takes back that a constraint was validated
      SQLScript anew = new SQLScript(new CoreSettings());
      constraint.getDropSQL(anew);
      target.getCreationSQL(anew);
      written(anew).forEach(written -> statements.addAll(statements(written)));
    }
  }

  private static String literal(String text) {
    return PgDiffUtils.quoteString(text);
  }
}
