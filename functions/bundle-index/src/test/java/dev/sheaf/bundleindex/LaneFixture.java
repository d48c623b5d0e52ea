package dev.sheaf.bundleindex;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.job.WakeUp;
import dev.sheaf.storage.ForwardingObjectStore;
import dev.sheaf.storage.ObjectStore;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Histories of one commit each, and stores that get in the way of the job that indexes them. */
abstract class LaneFixture extends IndexTest {
  static TestHistory history(String text) {
    TestHistory history = new TestHistory();
    return history.head("main", history.commit(text, Map.of("f", text)));
  }

  static String tip(TestHistory history) {
    return history.commits().getLast().commitId();
  }

  static TestHistory after(TestHistory base, String text) {
    TestHistory next = base.next();
    return next.head("main", next.commit(text, Map.of("f", text), tip(base)));
  }

  void wake(String repo) {
    handle(WakeUp.of(repo(repo).repoId()).body());
  }

  static SheafException down() {
    return new SheafException(ErrorKind.UNAVAILABLE, "slow down");
  }

  /** A store that does something before each PUT of an object. */
  ObjectStore beforePuts(Runnable action) {
    return new ForwardingObjectStore(store) {
      @Override
      public PutResult put(
          String key,
          Content body,
          @Nullable ContentId sha256,
          Condition condition,
          String contentType) {
        action.run();
        return super.put(key, body, sha256, condition, contentType);
      }
    };
  }

  ObjectStore failing(SheafException failure) {
    return beforePuts(() -> {
      throw failure;
    });
  }

  void indexWith(ObjectStore objects, String body) {
    index(objects, catalog).handle(body, () -> 600_000);
  }
}
