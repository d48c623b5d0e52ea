package dev.sheaf.cli.journal;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.journal.Journal;
import dev.sheaf.journal.JournalOptions;
import dev.sheaf.journal.Namespace;
import dev.sheaf.journal.Operation;
import dev.sheaf.journal.Operations;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Writes operations to a namespace. */
@Command(
    name = "apply",
    mixinStandardHelpOptions = true,
    description = {
      "Write operations to a namespace, all of them in one segment.",
      "Each is JSON as it stands in a segment, for example"
          + " {\"op\":\"IntAdd\",\"Key\":\"n\",\"Delta\":1}; '-' reads a whole segment body"
          + " from the standard input."
    })
final class ApplyCommand implements Runnable {
  @Mixin private final BucketOptions bucket;

  @Parameters(index = "0", description = "The namespace; '' for the root.")
  private String namespace = "";

  @Parameters(index = "1..*", arity = "1..*", description = "Operations, or '-'.")
  private List<String> operations = List.of();

  ApplyCommand(Environment environment) {
    bucket = new BucketOptions(environment);
  }

  @Override
  public void run() {
    List<Operation> parsed =
        operations.equals(List.of("-")) ? fromInput() : Operations.parse(operations);
    try (Journal journal =
        Journal.open(bucket.open(), Namespace.of(namespace), JournalOptions.forFunction())) {
      journal.apply(parsed);
    }
  }

  private static List<Operation> fromInput() {
    try {
      return Operations.parseSegment(System.in.readAllBytes());
    } catch (IOException e) {
      throw new SheafException(ErrorKind.INVALID, "reading the standard input failed: " + e, e);
    }
  }
}
