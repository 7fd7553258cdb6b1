package io.mycelium.migrations.commands;

import io.mycelium.migrations.Refused;
import java.util.List;
import liquibase.command.CommandArgumentDefinition;
import liquibase.command.CommandBuilder;
import liquibase.command.CommandScope;

/**
 * An argument of a command that takes one of a few words.
 *
 * @param argument the argument
 * @param words the words; the first one is taken where none is given
 */
record Choice(CommandArgumentDefinition<String> argument, List<String> words) {

  /**
   * Adds such an argument to a command.
   *
   * @param arguments the command's arguments
   * @param name the argument's name
   * @param help what it does, for {@code --help}
   * @param words the words, the default first
   */
  static Choice of(CommandBuilder arguments, String name, String help, String... words) {
    return new Choice(arguments.argument(name, String.class)
        .defaultValue(words[0])
        .description(help + "; one of " + String.join(", ", words))
        .build(), List.of(words));
  }

  /**
   * The word that was given.
   *
   * @throws Refused if it is none of them
   */
  String in(CommandScope given) throws Refused {
    String word = given.getArgumentValue(argument);
    if (!words.contains(word)) {
      throw new Refused(argument.getName() + "=" + word + " is none of " + String.join(", ", words));
    }
    return word;
  }
}
