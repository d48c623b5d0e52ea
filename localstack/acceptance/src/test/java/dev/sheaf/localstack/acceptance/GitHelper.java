package dev.sheaf.localstack.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The installed git, which finds {@code git-remote-sheaf} in PATH: the one beside {@code SHEAF_CLI}
 * where that is set, of an unpacked distribution for example; else the module's own script, which
 * starts the classes of this run.
 *
 * @param bin where git-remote-sheaf is
 * @param site as {@code SHEAF_URL}: who may have the token
 * @param home of the user, who has no settings
 */
record GitHelper(Path bin, String site, String token, Path home) {
  /** How a run ended. */
  record Ended(int exit, String text) {}

  /**
   * Puts the helper somewhere.
   *
   * @param folder an empty one, for the test alone
   */
  static GitHelper of(Target target, Path folder) throws IOException {
    String program = System.getenv("SHEAF_CLI");
    Path bin =
        program == null
            ? ofThisRun(Files.createDirectory(folder.resolve("bin")))
            : Objects.requireNonNull(Path.of(program).toAbsolutePath().getParent());
    Path home = Files.createDirectory(folder.resolve("home"));
    return new GitHelper(bin, target.url(), target.token(), home);
  }

  private static Path ofThisRun(Path bin) throws IOException {
    Path script = bin.resolve("git-remote-sheaf");
    Files.copy(Path.of("../../functions/cli/git-remote-sheaf"), script);
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    Path program =
        Files.writeString(
            bin.resolve("sheaf"),
            "#!/bin/sh\nexec '%s' -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx256m -cp '%s' %s \"$@\"\n"
                .formatted(
                    java, System.getProperty("java.class.path"), "dev.sheaf.cli.wiring.Main"));
    assertThat(script.toFile().setExecutable(true)).isTrue();
    assertThat(program.toFile().setExecutable(true)).isTrue();
    return bin;
  }

  /** What git says, having done it. */
  String git(Path directory, String... arguments) throws IOException, InterruptedException {
    Ended ended = run(directory, arguments);
    assertThat(ended.exit()).as(Arrays.toString(arguments) + "\n" + ended.text()).isZero();
    return ended.text().strip();
  }

  /** Runs git. */
  Ended run(Path directory, String... arguments) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of("git", "-c", "user.name=A", "-c", "user.email=a@example.org"));
    command.addAll(Arrays.asList(arguments));
    File output = File.createTempFile("git", ".out", home.toFile());
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output);
    builder.environment().keySet().removeIf(name -> name.startsWith("GIT_"));
    builder
        .environment()
        .putAll(
            Map.of(
                "PATH",
                bin + File.pathSeparator + System.getenv("PATH"),
                "HOME",
                home.toString(),
                "GIT_CONFIG_NOSYSTEM",
                "1",
                "SHEAF_URL",
                site,
                "SHEAF_TOKEN",
                token));
    int exit = builder.start().waitFor();
    return new Ended(exit, Files.readString(output.toPath()));
  }
}
