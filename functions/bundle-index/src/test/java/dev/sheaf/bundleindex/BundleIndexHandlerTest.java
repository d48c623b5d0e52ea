package dev.sheaf.bundleindex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import com.amazonaws.services.lambda.runtime.serialization.PojoSerializer;
import com.amazonaws.services.lambda.runtime.serialization.events.LambdaEventSerializers;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.function.testing.TestInvocation;
import dev.sheaf.journal.JournalOptions;
import dev.sheaf.journal.site.KnownPresent;
import dev.sheaf.journal.site.SiteCounters;
import dev.sheaf.repository.job.Job;
import dev.sheaf.repository.job.WakeUp;
import dev.sheaf.storage.ForwardingObjectStore;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.counting.CountingObjectStore;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.storage.counting.RequestKind;
import dev.sheaf.storage.wiring.Site;
import dev.sheaf.testing.DenyingS3;
import dev.sheaf.testing.InMemoryJobQueue;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The function as Lambda calls it: with real event JSON in the runtime's own classes. */
class BundleIndexHandlerTest extends IndexTest {
  private static final PojoSerializer<SQSEvent> EVENTS =
      LambdaEventSerializers.serializerFor(SQSEvent.class, SQSEvent.class.getClassLoader());

  private static SQSEvent event(String json) {
    return EVENTS.fromJson(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)));
  }

  private static SQSEvent messages(List<String> bodies) {
    ObjectNode event = JSON.createObjectNode();
    var records = event.putArray("Records");
    for (int i = 0; i < bodies.size(); i++) {
      records.addObject().put("messageId", "message-" + i).put("body", bodies.get(i));
    }
    return event(event.toString());
  }

  private static SQSEvent delivered(String body, int times) {
    ObjectNode event = JSON.createObjectNode();
    ObjectNode record =
        event.putArray("Records").addObject().put("messageId", "m").put("body", body);
    record.putObject("attributes").put("ApproximateReceiveCount", String.valueOf(times));
    return event(event.toString());
  }

  private static final class Killed extends Error {
    private static final long serialVersionUID = 1;
  }

  /** The function in a process that dies at its first PUT, when it has claimed a job. */
  private BundleIndex dying() {
    AtomicBoolean isDead = new AtomicBoolean();
    ObjectStore objects =
        new ForwardingObjectStore(store) {
          @Override
          public PutResult put(
              String key,
              Content body,
              @Nullable ContentId sha256,
              Condition condition,
              String contentType) {
            isDead.set(true);
            throw new Killed();
          }
        };
    Catalog mortal =
        new Catalog() {
          @Override
          public Rows execute(Statement statement) {
            return alive().execute(statement);
          }

          @Override
          public <T extends @Nullable Object> T transaction(Function<Catalog, T> work) {
            return alive().transaction(work);
          }

          private Catalog alive() {
            if (isDead.get()) {
              throw new Killed();
            }
            return catalog;
          }
        };
    return index(objects, mortal);
  }

  private static byte[] bundle(String text) {
    TestHistory history = new TestHistory();
    return history.head("main", history.commit(text, Map.of("f", text))).bundle();
  }

  private List<String> failures(SQSBatchResponse response) {
    return response.getBatchItemFailures().stream()
        .map(SQSBatchResponse.BatchItemFailure::getItemIdentifier)
        .toList();
  }

  /** What it was for is looked after, though the queue gives it to nobody any more. */
  @Test
  void aMessageThatWillNotComeBackLeavesAnotherOneBeforeItIsWorkedOn() {
    String event = upload("r", bundle("x"));
    for (int delivery = 1; delivery <= 3; delivery++) {
      assertThat(queue.drainSent()).isEmpty();
      SQSEvent delivered = delivered(event, delivery);
      BundleIndexHandler dying = new BundleIndexHandler(dying());
      assertThatThrownBy(() -> dying.handleRequest(delivered, new TestInvocation(600_000)))
          .isInstanceOf(Killed.class);
      clock.advance(STALE.plusSeconds(1));
    }
    assertThat(queue.drainSent())
        .containsExactly(new InMemoryJobQueue.Sent(WakeUp.of(repo("r").repoId()).body(), STALE));
    handle(WakeUp.of(repo("r").repoId()).body());
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.FAILED);
    assertThat(lastJob("r").error()).contains("never came back");
  }

  @Test
  void goesThroughItsMotionsWithoutASite() {
    BundleIndexHandler.rehearse();
  }

  @Test
  void consumesTheSampleEventWhoseBundleIsGone() throws IOException {
    ObjectStore sheaf =
        new ForwardingObjectStore(store) {
          @Override
          public String bucket() {
            return "sheaf";
          }
        };
    SQSEvent event = event(Files.readString(Path.of("../../events/sqs-bundle-index.json")));
    SQSBatchResponse response =
        new BundleIndexHandler(index(sheaf, catalog))
            .handleRequest(event, new TestInvocation(600_000));

    assertThat(failures(response)).isEmpty();
    assertThat(lastJob("notes").status()).isEqualTo(Job.Status.FAILED);
    assertThat(lastJob("notes").error()).contains("is not in the store");
  }

  @Test
  void aJobThatFailsTakesNoOtherMessageWithIt() {
    String good = upload("good", bundle("good"));
    String bad = upload("bad", bundle("bad"));
    ObjectStore failing =
        new ForwardingObjectStore(store) {
          @Override
          public PutResult put(
              String key,
              Content body,
              @Nullable ContentId sha256,
              Condition condition,
              String contentType) {
            if (body.size() == 3) {
              throw new SheafException(ErrorKind.UNAVAILABLE, "slow down");
            }
            return super.put(key, body, sha256, condition, contentType);
          }
        };
    SQSBatchResponse response =
        new BundleIndexHandler(index(failing, catalog))
            .handleRequest(
                messages(List.of("poison", good, bad, "{\"Event\":\"s3:TestEvent\"}", good)),
                new TestInvocation(600_000));

    assertThat(failures(response)).isEmpty();
    assertThat(queue.drain()).containsExactly(WakeUp.of(repo("bad").repoId()).body());
    assertThat(lastJob("good").status()).isEqualTo(Job.Status.DONE);
    assertThat(lastJob("bad").status()).isEqualTo(Job.Status.PENDING);
  }

  @Test
  void aMissingRightIsNamedInTheJobWhichIsTriedAgain() {
    String message = upload("r", bundle("1"));
    try (DenyingS3 denying = DenyingS3.start()) {
      ObjectStore denied = Site.from(denying.environment(store.bucket())).objects();
      SQSBatchResponse response =
          new BundleIndexHandler(index(denied, catalog))
              .handleRequest(messages(List.of(message)), new TestInvocation(600_000));
      assertThat(failures(response)).isEmpty();
    }
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.PENDING);
    assertThat(lastJob("r").error())
        .startsWith("GET of s3://" + store.bucket() + "/bundles/alice/r/")
        .endsWith("allow the function's role s3:GetObject on it");
  }

  @Test
  void messagesOfANewerCatalogComeBack() {
    String message = upload("r", bundle("1"));
    catalog.execute(Statement.of("insert into schema_version (version, name) values (99, 'x')"));
    try {
      SQSBatchResponse response =
          new BundleIndexHandler(index())
              .handleRequest(messages(List.of(message)), new TestInvocation(600_000));
      assertThat(failures(response)).containsExactly("message-0");
    } finally {
      catalog.execute(Statement.of("delete from schema_version where version = 99"));
    }
  }

  private RequestCounts invoke(ObjectStore objectStore, String... bodies) {
    RequestCounts counts = new RequestCounts();
    SQSBatchResponse response =
        new BundleIndexHandler(index(new CountingObjectStore(objectStore, counts), catalog))
            .handleRequest(messages(List.of(bodies)), new TestInvocation(600_000));
    assertThat(failures(response)).isEmpty();
    return counts;
  }

  private Set<String> journalKeys() {
    return store.keys().stream()
        .filter(key -> key.startsWith(".metadata/"))
        .collect(Collectors.toSet());
  }

  @Test
  void anInvocationWritesDownWhatItDidWithOnePut() {
    String one = upload("one", bundle("1"));
    String two = upload("two", bundle("22"));
    int bytes = bundle("1").length + bundle("22").length;

    RequestCounts counts = invoke(store, one, two, one);

    assertThat(counts.count(RequestKind.S3_PUT)).isEqualTo(2 + 1); // the objects, the journal
    assertThat(counts.count(RequestKind.S3_HEAD) + counts.count(RequestKind.S3_LIST)).isZero();
    assertThat(journalKeys()).hasSize(1).allMatch(key -> key.startsWith(".metadata/site/segment-"));
    SiteCounters.View view = new SiteCounters(store, JournalOptions.forFunction()).read();
    assertThat(view.failure()).isEmpty();
    assertThat(view.days()).containsOnlyKeys("2026-01-01");
    assertThat(view.totals())
        .isEqualTo(Map.of("bundles", 2L, "objects", 2L, "bytes", (long) bytes, "repairs", 0L));

    KnownPresent present = new KnownPresent(store, JournalOptions.forFunction());
    List<String> keys = new ArrayList<>();
    "0123456789abcdef"
        .chars()
        .forEach(range -> keys.addAll(present.since(Instant.EPOCH).keys((char) range)));
    assertThat(keys)
        .containsExactlyInAnyOrderElementsOf(
            store.keys().stream().filter(key -> !key.startsWith(".metadata/")).toList());
  }

  @Test
  void anInvocationThatDidNothingWritesNothingDown() {
    String event = upload("one", bundle("1"));
    invoke(store, event);
    Set<String> before = journalKeys();
    assertThat(invoke(store, event).count(RequestKind.S3_PUT)).isZero();
    assertThat(journalKeys()).isEqualTo(before);
  }

  @Test
  void aJournalThatFailsFailsNoJob() {
    ObjectStore failing =
        new ForwardingObjectStore(store) {
          @Override
          public PutResult put(
              String key,
              Content body,
              @Nullable ContentId sha256,
              Condition condition,
              String contentType) {
            if (key.startsWith(".metadata/")) {
              throw new SheafException(ErrorKind.FORBIDDEN, "no rights to " + key);
            }
            return super.put(key, body, sha256, condition, contentType);
          }
        };
    assertThat(invoke(failing, upload("one", bundle("1"))).count(RequestKind.S3_PUT)).isEqualTo(2);
    assertThat(lastJob("one").status()).isEqualTo(Job.Status.DONE);
    assertThat(journalKeys()).isEmpty();
  }
}
