package dev.sheaf.repository.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.repository.PushTest;
import dev.sheaf.repository.TestPush;
import dev.sheaf.storage.ObjectStore;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RepositoryObjectsTest extends PushTest {
  private final byte[] cached =
      "0123456789".repeat(9_000).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
  private final byte[] large = new byte[(1 << 20) + 5];
  private final ContentId cachedId = Ids.object(cached);
  private final ContentId largeId = Ids.object(large);

  @BeforeEach
  void pushBoth() throws IOException {
    push(new TestPush().commit("a", Map.of("cached", cached, "large", large)).head("main", "a"));
  }

  @Test
  void locatesInTheOrderGiven() {
    ContentId nowhere = id("nowhere");
    assertThat(objects().locate(repo.repoId(), List.of(largeId, nowhere, cachedId)).values())
        .containsExactly(
            new RepositoryObjects.Location(largeId, large.length, ObjectKeys.object(largeId)),
            new RepositoryObjects.Location(cachedId, cached.length, null));
    assertThat(objects().locate(newRepo().repoId(), cachedId)).isEmpty();
  }

  @Test
  void readsRanges() throws IOException {
    store.allowShortReads();
    for (ContentId id : List.of(cachedId, largeId)) {
      byte[] whole = id.equals(cachedId) ? cached : large;
      RepositoryObjects.Location location = objects().locate(repo.repoId(), id).orElseThrow();
      assertThat(objects().open(location, 0, -1)).hasBinaryContent(whole);
      assertThat(objects().open(location, 8_995, 10))
          .hasBinaryContent(java.util.Arrays.copyOfRange(whole, 8_995, 9_005));
      assertThat(objects().open(location, whole.length - 3, 99))
          .hasBinaryContent(java.util.Arrays.copyOfRange(whole, whole.length - 3, whole.length));
    }
  }

  @Test
  void findsWhatAJobHasStoredSinceItWasLocated() throws IOException {
    RepositoryObjects.Location before = objects().locate(repo.repoId(), cachedId).orElseThrow();
    store.put(
        ObjectKeys.object(cachedId),
        Content.of(cached),
        cachedId,
        ObjectStore.Condition.IF_ABSENT,
        "text/plain");
    new ObjectRows(catalog)
        .putStored(
            List.of(new ObjectRows.Stored(cachedId, cached.length, null)), store.bucket(), NOW);
    assertThat(objects().open(before, 0, -1)).hasBinaryContent(cached);
    assertThat(objects().readCached(List.of(before))).isEmpty();
  }

  @Test
  void readsManyCachedOnesTogether() throws IOException {
    Map<ContentId, RepositoryObjects.Location> located =
        objects().locate(repo.repoId(), List.of(cachedId));
    assertThat(objects().readCached(located.values())).containsOnlyKeys(cachedId);
    assertThat(objects().readCached(located.values()).get(cachedId)).isEqualTo(cached);
  }

  @Test
  void presignsOnlyWhatIsInTheStore() {
    Duration lifetime = Duration.ofMinutes(15);
    assertThat(presigned(cachedId, lifetime)).isEmpty();
    assertThat(presigned(largeId, lifetime)).isPresent();
  }

  private java.util.Optional<java.net.URI> presigned(ContentId id, Duration lifetime) {
    return objects().presign(objects().locate(repo.repoId(), id).orElseThrow(), lifetime);
  }

  @Test
  void aMissingObjectIsCorruptNotUnknown() {
    RepositoryObjects.Location location = objects().locate(repo.repoId(), largeId).orElseThrow();
    store.delete(List.of(ObjectKeys.object(largeId)));
    assertThatThrownBy(() -> objects().open(location, 0, -1))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT))
        .hasMessageContaining(largeId.hex());
  }
}
