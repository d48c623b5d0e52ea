package dev.sheaf.localstack.workbench.bench;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.codec.BundleSummary;
import dev.sheaf.bundle.codec.BundleWriter;
import dev.sheaf.bundle.codec.ObjectEncoder;
import dev.sheaf.bundle.codec.RawObject;
import dev.sheaf.bundle.history.Commit;
import dev.sheaf.bundle.history.History;
import dev.sheaf.bundle.history.IdDialect;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.bundle.history.Manifest;
import dev.sheaf.bundle.history.Snapshot;
import dev.sheaf.cli.process.Environment;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code localstack/bench generate}: a bundle of any size, the same for the same numbers. Objects
 * of 1 KiB to 1 MiB, and one in a thousand of 32 MiB; half of each compresses; ten a commit.
 */
@Command(name = "generate", description = "Write a large bundle.", mixinStandardHelpOptions = true)
final class GenerateBench implements Callable<Integer> {
  private static final int LARGE = 32 << 20;
  private static final int FILES_A_COMMIT = 10;
  private static final int PATHS = 1_000;

  @Parameters(paramLabel = "FILE", description = "Where to write it.")
  private Path file = Path.of("");

  @Option(
      names = "--bytes",
      paramLabel = "N",
      required = true,
      description = "About how long it is to be.")
  private long bytes;

  @Option(names = "--seed", paramLabel = "N", description = "Makes another one. Default: 1.")
  private long seed = 1;

  private final Environment environment;

  GenerateBench(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws IOException {
    int[] sizes = sizes();
    Path path = environment.directory().resolve(file);
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(path), 1 << 20);
        ObjectEncoder encoder =
            new ObjectEncoder(3, Path.of(System.getProperty("java.io.tmpdir")))) {
      BundleWriter writer = BundleWriter.to(out, IdDialect.PREFIXED);
      writer.history(history(sizes), sizes.length);
      for (int i = 0; i < sizes.length; i++) {
        byte[] content = content(i, sizes[i]);
        ContentId id = Ids.object(content);
        writer.object(encoder.encode(new RawObject(id, Content.of(content), null)));
      }
      BundleSummary summary = writer.finish();
      environment
          .out()
          .println(
              "%d bytes, %d commits, %d objects, %s"
                  .formatted(
                      summary.sizeBytes(), summary.commits(), summary.objects(), summary.sha256()));
    }
    return 0;
  }

  private int[] sizes() {
    Random random = new Random(seed);
    List<Integer> sizes = new ArrayList<>();
    // What compresses of an object takes nearly nothing.
    for (long rest = bytes; rest > 0; rest -= sizes.getLast() / 2 + 200) {
      boolean isLarge = sizes.size() % 1_000 == 500;
      sizes.add(isLarge ? LARGE : 1 << 10 << random.nextInt(11));
    }
    return sizes.stream().mapToInt(Integer::intValue).toArray();
  }

  private byte[] content(int index, int size) {
    byte[] content = new byte[size];
    byte[] noise = new byte[size / 2];
    new Random(seed * 1_000_003 + index).nextBytes(noise);
    System.arraycopy(noise, 0, content, size / 2, noise.length);
    byte[] line = ("object " + index + "\n").getBytes(StandardCharsets.UTF_8);
    for (int at = 0; at < size / 2; at += line.length) {
      System.arraycopy(line, 0, content, at, Math.min(line.length, size / 2 - at));
    }
    return content;
  }

  private History history(int[] sizes) {
    List<Commit> commits = new ArrayList<>();
    List<Snapshot> snapshots = new ArrayList<>();
    Map<String, ContentId> files = new LinkedHashMap<>();
    String parent = null;
    String tip = "";
    for (int from = 0; from < sizes.length; from += FILES_A_COMMIT) {
      Map<String, ContentId> changes = new LinkedHashMap<>();
      for (int i = from; i < Math.min(from + FILES_A_COMMIT, sizes.length); i++) {
        changes.put("dir" + i % 20 + "/file" + i % PATHS, Ids.object(content(i, sizes[i])));
      }
      Snapshot delta =
          Snapshot.delta(
              "snapshot-" + from, parent, new Manifest(Map.copyOf(files)), next(files, changes));
      files.putAll(changes);
      parent = delta.snapshotId();
      snapshots.add(delta);
      List<String> parents = commits.isEmpty() ? List.of() : List.of(tip);
      tip = Ids.commit(parents, parent, "c" + from, "2026-01-01T00:00:00Z", IdDialect.PREFIXED);
      commits.add(Commit.of(tip, parent, "c" + from, "2026-01-01T00:00:00Z", parents));
    }
    return History.of(commits, snapshots, Map.of("main", tip));
  }

  private static Manifest next(Map<String, ContentId> files, Map<String, ContentId> changes) {
    Map<String, ContentId> next = new LinkedHashMap<>(files);
    next.putAll(changes);
    return new Manifest(next);
  }
}
