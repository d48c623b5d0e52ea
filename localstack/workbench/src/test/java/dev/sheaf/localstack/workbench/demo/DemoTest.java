package dev.sheaf.localstack.workbench.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.cli.http.Transport;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Progress;
import dev.sheaf.cli.process.TextOutput;
import dev.sheaf.testing.TestGit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole demo on a small history. */
class DemoTest {
  @TempDir Path folder;

  @Test
  void theInstalledGitPushesAndClonesThroughTheHelper() throws IOException {
    Path original = folder.resolve("original");
    TestGit git = TestGit.init(original);
    git.commit("a.txt", "one");
    git.commit("b.txt", "two");
    git.run("tag", "-a", "v1", "-m", "first");
    git.run("branch", "side");
    git.run("update-ref", "refs/notes/some", git.id("main"));
    git.run("update-ref", "refs/remotes/elsewhere/main", git.id("main"));
    Path clone = folder.resolve("clone");
    DemoReport report = demo().run(original, clone);
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    report.print(new PrintStream(printed, true, UTF_8));
    assertThat(report.isIdentical()).as(printed.toString(UTF_8)).isTrue();
    assertThat(report.push().traffic().requests()).isEqualTo(4);
    assertThat(report.stored().step().traffic().requests()).isEqualTo(3);
    assertThat(report.push().millis()).containsKeys("pack", "upload");
    assertThat(report.stored().comparison().refs()).isEqualTo(5);
    assertThat(clone.resolve("b.txt")).hasContent("two");
    assertThat(printed.toString(UTF_8))
        .contains("git push", "git clone from stored packs: identical, git fsck is content");
  }

  private Demo demo() throws IOException {
    TextOutput out = TextOutput.results(new ByteArrayOutputStream());
    Environment environment =
        new Environment(
            System.getenv(),
            folder,
            out,
            out,
            false,
            InstantSource.system(),
            System::nanoTime,
            Thread::sleep,
            new Random(1));
    return new Demo(
        environment,
        helper(),
        Progress.NONE,
        () -> new Transport(Thread::sleep),
        Files.createDirectory(folder.resolve("work")));
  }

  /** The launcher would build what is missing. */
  private Path helper() throws IOException {
    Path bin = Files.createDirectory(folder.resolve("bin"));
    Path script =
        Files.writeString(
            bin.resolve("git-remote-sheaf"),
            "#!/bin/sh\nexec '%s/bin/java' -XX:TieredStopAtLevel=1 -cp '%s' %s remote-helper \"$@\"\n"
                .formatted(
                    System.getProperty("java.home"),
                    System.getProperty("java.class.path"),
                    "dev.sheaf.cli.wiring.Main"));
    assertThat(script.toFile().setExecutable(true)).isTrue();
    return bin;
  }
}
