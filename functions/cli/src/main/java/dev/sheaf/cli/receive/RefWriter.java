package dev.sheaf.cli.receive;

import dev.sheaf.bundle.RefName;
import dev.sheaf.cli.git.GitId;
import dev.sheaf.cli.git.GitProgram;
import dev.sheaf.cli.git.Head;
import dev.sheaf.cli.git.LocalRepository;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Has git write refs. */
final class RefWriter {
  /** So many loose files are worth packing. */
  private static final int MANY = 100;

  private final LocalRepository repository;
  private final ByteArrayOutputStream deletions = new ByteArrayOutputStream();
  private final ByteArrayOutputStream updates = new ByteArrayOutputStream();
  private int count;

  RefWriter(LocalRepository repository) {
    this.repository = repository;
  }

  /** Moves or makes all of these, whatever they were. */
  RefWriter putAll(Map<RefName, GitId> refs) {
    refs.forEach((name, id) -> command(updates, "update", name, id.hex() + "\0"));
    return this;
  }

  /** Deletes one, if it is still there. */
  RefWriter delete(RefName name, GitId old) {
    command(deletions, "delete", name, old.hex());
    return this;
  }

  /** The form with zeros: a name is whatever is between them. */
  private void command(ByteArrayOutputStream commands, String word, RefName name, String rest) {
    commands.writeBytes((word + " ").getBytes(StandardCharsets.US_ASCII));
    commands.writeBytes(name.toBytes());
    commands.writeBytes(("\0" + rest + "\0").getBytes(StandardCharsets.US_ASCII));
    count++;
  }

  /** Deletes, and then writes all or none: git puts no folder in the place of a ref at once. */
  void write() throws IOException {
    run(deletions);
    run(updates);
    if (count > MANY) {
      GitProgram.require(repository.git().run("pack-refs", "--all"), "pack-refs");
    }
  }

  private void run(ByteArrayOutputStream commands) throws IOException {
    if (commands.size() == 0) {
      return;
    }
    GitProgram.Outcome outcome =
        repository
            .git()
            .run(
                commands.toByteArray(),
                OutputStream.nullOutputStream(),
                "update-ref",
                "--no-deref",
                "--stdin",
                "-z");
    GitProgram.require(outcome, "update-ref");
  }

  /** Makes HEAD this. */
  static void writeHead(LocalRepository repository, @Nullable Head head) throws IOException {
    switch (head) {
      case null -> {}
      case Head.Detached detached ->
          GitProgram.require(
              repository.git().run("update-ref", "--no-deref", "HEAD", detached.id().hex()),
              "update-ref");
      case Head.Branch branch -> writeBranch(repository, branch.name());
    }
  }

  private static void writeBranch(LocalRepository repository, RefName branch) throws IOException {
    if (branch.text().isPresent()) {
      GitProgram.require(
          repository.git().run("symbolic-ref", "HEAD", branch.text().get()), "symbolic-ref");
      return;
    }
    // Java has no way to hand a program bytes that are no text.
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    line.writeBytes("ref: ".getBytes(StandardCharsets.US_ASCII));
    line.writeBytes(branch.toBytes());
    line.write('\n');
    Files.write(repository.gitFolder().resolve("HEAD"), line.toByteArray());
  }
}
