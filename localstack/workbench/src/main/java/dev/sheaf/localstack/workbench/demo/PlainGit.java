package dev.sheaf.localstack.workbench.demo;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.http.Traffic;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The installed git as anybody runs it, with {@code git-remote-sheaf} in PATH.
 *
 * @param variables the environment of this process
 * @param bin where git-remote-sheaf is
 * @param site the site that may have the token
 */
record PlainGit(Map<String, String> variables, Path bin, String site, String token) {
  /** What the helper says at its end, asked by {@code --verbose}. */
  private static final Pattern SAID =
      Pattern.compile("([0-9]+) requests, ([0-9]+) bytes sent, ([0-9]+) received:(.*)");

  private static final Pattern PHASE = Pattern.compile(" ([a-z ]+) ([0-9]+) ms");

  PlainGit {
    if (!Files.isExecutable(bin.resolve("git-remote-sheaf"))) {
      throw new SheafException(
          ErrorKind.NOT_FOUND,
          "there is no git-remote-sheaf in " + bin + "; name the project's folder by --project");
    }
  }

  /** What is new of one is built, and no repository is asked for that is there. */
  void warmUp(Path anywhere) throws IOException {
    run(anywhere, "ls-remote", "sheaf::" + site + "/demo/nothing");
  }

  /** Everything but what is about this copy alone, or would show another history. */
  Step push(Path original, String url) throws IOException {
    return step(
        original,
        "push",
        "--verbose",
        "sheaf::" + url,
        "refs/*:refs/*",
        "^refs/remotes/*",
        "^refs/replace/*",
        "^refs/stash");
  }

  /** A clone with a work tree that has every ref, not branches and tags alone. */
  Step clone(Path anywhere, String url, Path target) throws IOException {
    String all = "remote.origin.fetch=+refs/*:refs/*";
    String[] words = {"--verbose", "--no-tags", "--config", all, "sheaf::" + url};
    List<String> command = new ArrayList<>(List.of("clone"));
    command.addAll(List.of(words));
    command.add(target.toString());
    Step step = step(anywhere, command.toArray(String[]::new));
    // From here on as git has it.
    String usual = "+refs/heads/*:refs/remotes/origin/*";
    run(target, "config", "--replace-all", "remote.origin.fetch", usual);
    run(target, "config", "--unset", "remote.origin.tagOpt");
    return step;
  }

  private record Ended(int exit, String text) {}

  private Step step(Path directory, String... arguments) throws IOException {
    Ended ended = run(directory, arguments);
    Matcher said = SAID.matcher(ended.text());
    if (ended.exit() != 0 || !said.find()) {
      throw new SheafException(
          ErrorKind.CORRUPT, "git " + arguments[0] + " failed: " + ended.text().strip());
    }
    Map<String, Long> millis = new LinkedHashMap<>();
    PHASE
        .matcher(said.group(4))
        .results()
        .forEach(phase -> millis.put(phase.group(1), Long.valueOf(phase.group(2))));
    return new Step(
        millis,
        new Traffic.Count(
            Long.parseLong(said.group(1)),
            Long.parseLong(said.group(2)),
            Long.parseLong(said.group(3))));
  }

  private Ended run(Path directory, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("GIT_"));
    String path = bin + File.pathSeparator + variables.getOrDefault("PATH", "/usr/bin:/bin");
    builder.environment().put("PATH", path);
    builder.environment().put("SHEAF_URL", site);
    builder.environment().put("SHEAF_TOKEN", token);
    builder.environment().put("LC_ALL", "C.UTF-8");
    builder.environment().remove("SHEAF_TTY");
    Process process = builder.start();
    process.getOutputStream().close();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      return new Ended(process.waitFor(), text);
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new SheafException(ErrorKind.UNAVAILABLE, "interrupted while git ran", e);
    }
  }
}
