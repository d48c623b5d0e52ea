package dev.sheaf.localstack.workbench.bench;

import dev.sheaf.bundle.BytesContent;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.bundle.codec.BundleSink;
import dev.sheaf.bundle.codec.RawObject;
import dev.sheaf.bundle.codec.ReceivedObject;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Output;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.parallel.ParallelCalls;
import dev.sheaf.storage.wiring.Site;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code localstack/bench puts}: what the store takes. Puts the objects of a bundle, decoded
 * before, with the function's own client and nothing else.
 */
@Command(
    name = "puts",
    description = "Put the objects of a bundle as fast as the store takes them.",
    mixinStandardHelpOptions = true)
final class PutsBench implements Callable<Integer> {
  @Parameters(paramLabel = "BUNDLE", description = "The bundle; its objects are held in memory.")
  private Path file = Path.of("");

  @Option(names = "--slots", paramLabel = "N", description = "PUTs in flight. Default: 100.")
  private int slots = 100;

  @Mixin private BenchTarget target = new BenchTarget();

  private final Environment environment;

  PutsBench(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws IOException {
    List<RawObject> objects = decode(environment.directory().resolve(file));
    try (BenchSite site = target.startStore(environment)) {
      for (int run = 0; run < target.runs(); run++) {
        ObjectStore store = Site.from(site.freshBucket()).objects();
        long began = environment.nanoTime().getAsLong();
        try (ParallelCalls<ObjectStore.PutResult> puts = new ParallelCalls<>(slots)) {
          for (RawObject object : objects) {
            puts.submit(() -> put(store, object));
          }
          puts.results();
        }
        print(run, objects, (environment.nanoTime().getAsLong() - began) / 1e6);
      }
    }
    return 0;
  }

  private static ObjectStore.PutResult put(ObjectStore store, RawObject object) {
    return store.put(
        ObjectKeys.object(object.id()),
        object.content(),
        object.id(),
        ObjectStore.Condition.IF_ABSENT,
        "application/octet-stream");
  }

  private void print(int run, List<RawObject> objects, double millis) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("bench", "puts");
    line.put("run", run);
    line.put("objects", objects.size());
    line.put("bytes", objects.stream().mapToLong(object -> object.content().size()).sum());
    line.put("elapsed_ms", Math.round(millis * 10) / 10.0);
    line.put("puts_per_s", Math.round(objects.size() / millis * 1e3));
    environment.out().println(Output.json(line));
  }

  /** Objects above 8 MiB are left out: they are not held in memory. */
  private static List<RawObject> decode(Path bundle) throws IOException {
    List<RawObject> objects = new ArrayList<>();
    BundleSink sink =
        new BundleSink() {
          @Override
          public void object(ReceivedObject received) throws IOException {
            try (received) {
              received.decode(object -> {
                if (object.content() instanceof BytesContent) {
                  objects.add(object);
                }
              });
            }
          }
        };
    Path spool = Files.createTempDirectory("sheaf-bench-");
    try (InputStream in = new BufferedInputStream(Files.newInputStream(bundle), 1 << 16)) {
      BundleReader.spoolingTo(spool).withoutHashing().read(in, sink);
    } finally {
      Files.delete(spool);
    }
    return objects;
  }
}
