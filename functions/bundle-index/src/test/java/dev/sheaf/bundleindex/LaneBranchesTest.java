package dev.sheaf.bundleindex;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.repository.intake.Intake;
import dev.sheaf.repository.intake.Limits;
import dev.sheaf.repository.intake.Pushes;
import dev.sheaf.repository.job.Job;
import dev.sheaf.repository.job.Jobs;
import dev.sheaf.repository.job.Refusals;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Branches end where those who pushed them wanted them, whatever becomes of their jobs. */
class LaneBranchesTest extends LaneFixture {
  @Test
  void anUnreadPushThatWasNoFastForwardFailsAndIsTakenBack() {
    TestHistory one = history("one");
    push("r", one.bundle());
    TestHistory other = history("other");
    announce("r", other.bundle(), Map.of("main", tip(other)), Map.of("main", tip(one)));
    assertThat(heads("r")).isEqualTo(Map.of("main", tip(other)));
    handle(upload("r", other.bundle()));
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.FAILED);
    assertThat(lastJob("r").error()).contains("not a fast-forward");
    assertThat(heads("r")).isEqualTo(Map.of("main", tip(one)));
    assertThat(count("commits")).isEqualTo(1);
  }

  @Test
  void anUnreadPushByForceNeedNotBeAFastForward() {
    push("r", history("one").bundle());
    TestHistory other = history("other");
    pushes().readLater(request("r", other.bundle(), Map.of("main", tip(other)), true, Map.of()));
    handle(upload("r", other.bundle()));
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.DONE);
    assertThat(heads("r")).isEqualTo(Map.of("main", tip(other)));
  }

  /** Fails a job by a store that is down for all three attempts. */
  private Job failFor(String event) {
    for (int attempt = 1; attempt <= 3; attempt++) {
      indexWith(failing(down()), event);
    }
    Job failed = lastJob("r");
    assertThat(failed.status()).isEqualTo(Job.Status.FAILED);
    return failed;
  }

  @Test
  void aRetryDoesWhatThePushHadAskedFor() {
    for (boolean force : new boolean[] {false, true}) {
      emptyCatalog();
      TestHistory one = history("one");
      push("r", one.bundle());
      TestHistory two = force ? history("other") : after(one, "two");
      Map<String, String> heads = Map.of("main", tip(two), "new", tip(two));
      pushes().readLater(request("r", two.bundle(), heads, force, Map.of("main", tip(one))));
      Job failed = failFor(upload("r", two.bundle()));
      assertThat(heads("r")).isEqualTo(Map.of("main", tip(one)));

      assertThat(jobs().retry(failed.repoId(), failed.jobId())).isTrue();
      wake("r");
      assertThat(lastJob("r").status()).isEqualTo(Job.Status.DONE);
      assertThat(heads("r")).isEqualTo(heads);
    }
  }

  @Test
  void aRetryUndoesNoLaterPush() {
    for (boolean force : new boolean[] {false, true}) {
      emptyCatalog();
      TestHistory one = history("one");
      push("r", one.bundle());
      TestHistory two = after(one, "two");
      pushes()
          .readLater(
              request(
                  "r", two.bundle(), Map.of("main", tip(two)), force, Map.of("main", tip(one))));
      Job failed = failFor(upload("r", two.bundle()));
      TestHistory later = after(one, "later");
      push("r", later.bundle());

      jobs().retry(failed.repoId(), failed.jobId());
      wake("r");
      Job retried = jobs().find(failed.repoId(), failed.jobId()).orElseThrow();
      assertThat(retried.status()).isEqualTo(Job.Status.FAILED);
      assertThat(retried.error()).contains("by another push");
      assertThat(heads("r")).isEqualTo(Map.of("main", tip(later)));
    }
  }

  @Test
  void aRetryOfWhatWasDoneMovesNothing() {
    TestHistory one = history("one");
    push("r", one.bundle());
    TestHistory two = after(one, "two");
    push("r", two.bundle());
    Job done = lastJob("r");
    // Somebody wants it back where it was.
    byte[] empty = new TestHistory().bundle();
    pushes()
        .readLater(request("r", empty, Map.of("main", tip(one)), true, Map.of("main", tip(two))));
    handle(upload("r", empty));
    assertThat(heads("r")).isEqualTo(Map.of("main", tip(one)));

    jobs().retry(done.repoId(), done.jobId());
    wake("r");
    assertThat(jobs().find(done.repoId(), done.jobId()).orElseThrow().status())
        .isEqualTo(Job.Status.DONE);
    assertThat(heads("r")).isEqualTo(Map.of("main", tip(one)));
  }

  /** What was decided while the job ran holds: it looks again before branches move. */
  @Test
  void anAnnouncementDuringTheJobDecides() {
    TestHistory pushed = history("x");
    byte[] bundle = pushed.bundle();
    String event = upload("r", bundle);
    AtomicBoolean announced = new AtomicBoolean();
    indexWith(
        beforePuts(() -> {
          if (!announced.getAndSet(true)) {
            announce("r", bundle, Map.of("topic", tip(pushed)), Map.of());
          }
        }),
        event);
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.DONE);
    assertThat(heads("r")).isEqualTo(Map.of("topic", tip(pushed)));
  }

  @Test
  void aRefusalDuringTheJobLetsNothingBecomeVisible() {
    TestHistory pushed = history("x");
    byte[] bundle = pushed.bundle();
    String event = upload("r", bundle);
    indexWith(
        beforePuts(() -> {
          var refused = request("r", bundle, Map.of(), false, Map.of());
          new Refusals(catalog, clock)
              .note(refused.repo(), refused.bundle(), refused.uploadedAt(), "because");
        }),
        event);
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.FAILED);
    assertThat(lastJob("r").error()).contains("because");
    assertThat(heads("r")).isEmpty();
    assertThat(count("commits")).isZero();
    assertThat(count("object_refs")).isZero();
  }

  /** What it builds on comes between the look for it and the question who may bring it. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aJobThatEndsWhileAPushIsLookedAtRefusesNothing(boolean isStream) throws IOException {
    TestHistory base = history("base");
    announce("r", base.bundle(), Map.of("main", tip(base)), Map.of());
    String event = upload("r", base.bundle());
    TestHistory next = after(base, "next");
    byte[] bundle = next.bundle();
    Catalog overtaken =
        new Catalog() {
          @Override
          public Rows execute(Statement statement) {
            if (statement.sql().contains("as active")) {
              handle(event);
            }
            return catalog.execute(statement);
          }

          @Override
          public <T extends @Nullable Object> T transaction(Function<Catalog, T> work) {
            return catalog.transaction(work);
          }
        };
    Pushes pushes =
        new Pushes(
            new Intake.Ports(catalog, store, clock, Limits.of(100, 2), LOG),
            new Jobs(overtaken, clock, ids, LOG));
    Pushes.Request request = request("r", bundle, Map.of("main", tip(next)), false, Map.of());
    BundleReader reader = BundleReader.spoolingTo(spool);
    Pushes.Result result =
        isStream
            ? pushes.takeIn(request, reader, Content.of(bundle), () -> upload("r", bundle))
            : pushes.readNow(request, reader, new ByteArrayInputStream(bundle));
    assertThat(result.ingested()).isNotNull();
    assertThat(heads("r")).isEqualTo(Map.of("main", tip(next)));
  }

  @Test
  void aBareUploadIsHeldToTheLimitsOfRefs() {
    TestHistory many = history("many");
    for (int i = 0; i < 20_001; i++) {
      many.head("b" + i, tip(many));
    }
    handle(upload("r", many.bundle()));
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.FAILED);
    assertThat(lastJob("r").error()).contains("20000 are the most");
    assertThat(count("branches")).isZero();
    assertThat(count("commits")).isZero();
  }

  @Test
  void aLateEventOfAnAnnouncedPushThatFailedMovesNothing() {
    TestHistory one = history("one");
    push("r", one.bundle());
    TestHistory other = history("other");
    String event = upload("r", other.bundle());
    announce("r", other.bundle(), Map.of("main", tip(other)), Map.of("main", tip(one)));
    wake("r");
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.FAILED);
    handle(event);
    assertThat(jobs().list(repo("r").repoId(), 9)).hasSize(2);
    assertThat(heads("r")).isEqualTo(Map.of("main", tip(one)));
  }
}
