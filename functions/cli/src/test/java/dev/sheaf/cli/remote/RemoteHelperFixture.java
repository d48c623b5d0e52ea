package dev.sheaf.cli.remote;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.cli.fixtures.Command;
import dev.sheaf.cli.fixtures.GitSite;
import dev.sheaf.cli.fixtures.HelperInThisProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * A repository with a commit, whose remote is reached through git-remote-sheaf, and the installed
 * git of somebody who has no settings.
 */
abstract class RemoteHelperFixture {
  @TempDir Path folder;
  GitSite site;
  Path work;
  String url;
  private HelperInThisProcess helper;

  @BeforeEach
  void start() throws IOException {
    site = new GitSite(Files.createDirectory(folder.resolve("site")));
    url = "sheaf::" + site.url("project");
    helper = new HelperInThisProcess(Files.createDirectory(folder.resolve("bin")));
    work = Files.createDirectory(folder.resolve("work"));
    git(work, "init", "--quiet", "--initial-branch=main");
    commit(work, "one");
    git(work, "remote", "add", "origin", url);
  }

  @AfterEach
  void stop() throws IOException {
    assertThat(site.wrongs()).isEmpty();
    helper.close();
    site.close();
  }

  final void push(String... refs) {
    String[] words =
        Stream.concat(Stream.of("push", "--quiet", "origin"), Stream.of(refs))
            .toArray(String[]::new);
    git(work, words);
  }

  final Path clone(String name) {
    Path copy = folder.resolve(name);
    git(folder, "clone", "--quiet", url, copy.toString());
    return copy;
  }

  final String there(String ref) {
    return git(site.repository("project"), "rev-parse", ref);
  }

  final List<String> refsThere() {
    return git(site.repository("project"), "for-each-ref", "--format=%(refname)").lines().toList();
  }

  final void commit(Path repository, String name) throws IOException {
    Files.writeString(repository.resolve(name), name);
    git(repository, "add", ".");
    git(repository, "commit", "--quiet", "-m", name);
  }

  final String git(Path directory, String... arguments) {
    Command run = run(directory, arguments);
    assertThat(run.exit()).as(String.join(" ", arguments) + "\n" + run.output()).isZero();
    return run.output().strip();
  }

  final Command run(Path directory, String... arguments) {
    return runWith(Map.of(), directory, arguments);
  }

  final Command runWith(Map<String, String> more, Path directory, String... arguments) {
    Map<String, String> variables = new HashMap<>(more);
    variables.put("PATH", folder.resolve("bin") + ":" + System.getenv("PATH"));
    variables.put("HOME", folder.toString());
    variables.put("GIT_CONFIG_GLOBAL", "/dev/null");
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of("-c", "user.name=Ann", "-c", "user.email=ann@example.org"));
    command.addAll(List.of(arguments));
    return Command.of(directory, variables, command);
  }
}
