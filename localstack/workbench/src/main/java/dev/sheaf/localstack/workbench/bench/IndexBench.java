package dev.sheaf.localstack.workbench.bench;

import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.bundleindex.BundleIndexHandler;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.repository.CatalogSchema;
import dev.sheaf.repository.KnownBucket;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.Repos;
import dev.sheaf.repository.job.Job;
import dev.sheaf.repository.job.Jobs;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.wiring.Machine;
import dev.sheaf.storage.wiring.Site;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/**
 * {@code localstack/bench index}: indexes a bundle as the function does, from the queue's message
 * on, each time into an empty bucket and empty tables.
 */
@Command(
    name = "index",
    description = "Index a bundle, and print a line of JSON a run.",
    mixinStandardHelpOptions = true)
final class IndexBench implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String OWNER = "bench";
  private static final String NAME = "bundle";

  @Parameters(paramLabel = "BUNDLE", description = "The bundle.")
  private Path file = Path.of("");

  @Mixin private BenchTarget target = new BenchTarget();

  private final Environment environment;

  IndexBench(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws IOException {
    Path bundle = environment.directory().resolve(file);
    Content content = new FileContent(bundle, Files.size(bundle));
    ContentId id = Ids.object(content);
    try (BenchSite site = target.start(environment)) {
      for (int run = 0; run < target.runs(); run++) {
        ObjectNode line = JSON.createObjectNode().put("bench", "index").put("run", run);
        line.setAll(run(site.freshSite(), content, id));
        environment.out().println(line);
      }
    }
    return 0;
  }

  private ObjectNode run(Map<String, String> variables, Content bundle, ContentId id)
      throws IOException {
    Site site = Site.from(variables);
    // It is empty, and a store for measurements need not be able to list.
    CatalogSchema.migrations().apply(site.catalog());
    KnownBucket.isRead(site.catalog());
    String key = ObjectKeys.bundle(OWNER, NAME, id);
    site.objects().put(key, bundle, id, ObjectStore.Condition.ALWAYS, "application/octet-stream");
    BundleIndexHandler handler = new BundleIndexHandler(variables);
    SQSEvent event = event(site.objects().bucket(), key, bundle.size());

    PeakHeap heap = PeakHeap.begin();
    long began = environment.nanoTime().getAsLong();
    SQSBatchResponse response = handler.handleRequest(event, new PlainContext());
    double millis = (environment.nanoTime().getAsLong() - began) / 1e6;

    Repo repo =
        new Repos(site.catalog())
            .find(OWNER, NAME)
            .orElseThrow(() ->
                new IOException("the handler gave its message back, for the reason logged above"));
    Job job =
        new Jobs(site.catalog(), environment.clock(), Machine.IDS)
            .list(repo.repoId(), 1)
            .getFirst();
    if (job.result() == null || !response.getBatchItemFailures().isEmpty()) {
      throw new IOException("the job ended as " + job.status() + ": " + job.error());
    }
    ObjectNode line = (ObjectNode) JSON.readTree(job.result());
    line.put("handler_ms", Math.round(millis * 10) / 10.0);
    line.put("peak_heap_mb", heap.megabytes());
    return line;
  }

  private static SQSEvent event(String bucket, String key, long size) {
    ObjectNode body = JSON.createObjectNode();
    ObjectNode record = body.putArray("Records").addObject();
    record.put("eventName", "ObjectCreated:Put");
    ObjectNode s3 = record.putObject("s3");
    s3.putObject("bucket").put("name", bucket);
    s3.putObject("object").put("key", key).put("size", size).put("sequencer", "1");
    SQSEvent.SQSMessage message = new SQSEvent.SQSMessage();
    message.setMessageId("1");
    message.setBody(body.toString());
    SQSEvent event = new SQSEvent();
    event.setRecords(List.of(message));
    return event;
  }
}
