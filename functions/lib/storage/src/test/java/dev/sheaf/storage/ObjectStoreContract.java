package dev.sheaf.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.ObjectStore.Condition;
import dev.sheaf.storage.ObjectStore.Download;
import dev.sheaf.storage.ObjectStore.Page;
import dev.sheaf.storage.ObjectStore.PutResult;
import dev.sheaf.storage.ObjectStore.Read;
import dev.sheaf.storage.ObjectStore.StoredObject;
import dev.sheaf.storage.parallel.ParallelCalls;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link ObjectStore} promises. Each implementation runs this suite. */
public abstract class ObjectStoreContract {
  private static final String TYPE = "application/octet-stream";

  private ObjectStore store;

  /** A store on an empty bucket that accepts ranges behind the end of an object. */
  protected abstract ObjectStore emptyStore() throws Exception;

  /** Uploads through a presigned URL and returns the HTTP status. */
  protected abstract int upload(
      ObjectStore store, ObjectStore.PresignedPut put, Map<String, String> headers, byte[] body)
      throws Exception;

  /** Reads through a presigned URL; null when the store refuses. */
  protected abstract byte @Nullable [] download(ObjectStore store, java.net.URI url)
      throws Exception;

  @BeforeEach
  final void makeStore() throws Exception {
    store = emptyStore();
  }

  @Test
  void theBucketIsThere() {
    store.requireBucket();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 1_000, 1_048_577})
  void readsBackWhatWasWritten(int size) throws IOException {
    byte[] bytes = bytes(size);
    ContentId id = sha256(bytes);
    String etag = written(store.put("q/a", Content.of(bytes), id, Condition.ALWAYS, TYPE));

    try (Download download = store.get("q/a", Read.WHOLE).orElseThrow()) {
      assertThat(download.notModified()).isFalse();
      assertThat(download.object().key()).isEqualTo("q/a");
      assertThat(download.object().size()).isEqualTo(size);
      assertThat(download.object().etag()).isEqualTo(etag);
      assertThat(download.object().sha256()).isEqualTo(id);
      assertThat(download.body().readAllBytes()).isEqualTo(bytes);
    }
    StoredObject head = store.head("q/a").orElseThrow();
    assertThat(head.size()).isEqualTo(size);
    assertThat(head.etag()).isEqualTo(etag);
    assertThat(head.sha256()).isEqualTo(id);
    assertThat(head.lastModified()).isAfter(Instant.parse("2020-01-01T00:00:00Z"));
  }

  @Test
  void writesFromAFile(@TempDir Path folder) throws IOException {
    byte[] bytes = bytes(300_000);
    Path file = Files.write(folder.resolve("content"), bytes);
    put("file", new FileContent(file, bytes.length), sha256(bytes), Condition.IF_ABSENT);
    assertThat(read("file", Read.WHOLE)).isEqualTo(bytes);
  }

  @Test
  void withoutAChecksumNoneIsKept() {
    put("plain", bytes(10));
    assertThat(store.head("plain").orElseThrow().sha256()).isNull();
  }

  @Test
  void whatIsNotThereIsEmpty() {
    assertThat(store.get("none", Read.WHOLE)).isEmpty();
    assertThat(store.head("none")).isEmpty();
    assertThat(store.get("none", Read.range(0, 10))).isEmpty();
  }

  @Test
  void refusesOtherBytesThanAnnounced() {
    ContentId other = sha256(bytes(4));
    assertThatThrownBy(() -> put("lie", Content.of(bytes(5)), other, Condition.IF_ABSENT))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
        .hasMessageContaining("lie");
    assertThat(store.head("lie")).isEmpty();
  }

  @Test
  void ifAbsentLetsTheFirstWriterWin() {
    put("once", Content.of(bytes(1)), null, Condition.IF_ABSENT);
    assertThat(put("once", Content.of(bytes(2)), null, Condition.IF_ABSENT))
        .isEqualTo(new PutResult.ConditionFailed());
    assertThat(read("once", Read.WHOLE)).isEqualTo(bytes(1));
  }

  @Test
  void ifMatchOverwritesOnlyTheStateThatWasRead() {
    String first = written(put("pointer", bytes(1)));
    String second =
        written(put("pointer", Content.of(bytes(2)), null, new Condition.IfMatch(first)));
    assertThat(put("pointer", Content.of(bytes(3)), null, new Condition.IfMatch(first)))
        .isEqualTo(new PutResult.ConditionFailed());
    assertThat(store.head("pointer").orElseThrow().etag()).isEqualTo(second);
    assertThat(read("pointer", Read.WHOLE)).isEqualTo(bytes(2));
  }

  @Test
  void ifMatchOverNothingIsNotFound() {
    assertThatThrownBy(
            () -> put("gone", Content.of(bytes(1)), null, new Condition.IfMatch("\"abc\"")))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.NOT_FOUND));
  }

  @Test
  void concurrentIncrementsOfAPointerAreNeverLost() {
    put("counter", new byte[] {0});
    int writers = 8;
    try (ParallelCalls<Void> calls = new ParallelCalls<>(writers)) {
      for (int i = 0; i < writers; i++) {
        calls.submit(this::increment);
      }
      calls.results();
    }
    assertThat(read("counter", Read.WHOLE)).isEqualTo(new byte[] {(byte) writers});
  }

  private @Nullable Void increment() throws IOException {
    while (true) {
      try (Download download = store.get("counter", Read.WHOLE).orElseThrow()) {
        byte[] next = download.body().readAllBytes();
        next[0]++;
        Condition unchanged = new Condition.IfMatch(download.object().etag());
        if (put("counter", Content.of(next), null, unchanged) instanceof PutResult.Written) {
          return null;
        }
      }
    }
  }

  @Test
  void exactlyOneOfManyCreatorsWins() {
    int writers = 16;
    try (ParallelCalls<PutResult> calls = new ParallelCalls<>(writers)) {
      for (int i = 0; i < writers; i++) {
        byte[] own = {(byte) i};
        calls.submit(() -> put("race", Content.of(own), null, Condition.IF_ABSENT));
      }
      assertThat(calls.results().stream().filter(PutResult.Written.class::isInstance)).hasSize(1);
    }
  }

  @Test
  void readsRanges() {
    byte[] bytes = bytes(1_000);
    put("r", Content.of(bytes), sha256(bytes), Condition.ALWAYS);
    assertThat(read("r", Read.range(0, 10))).isEqualTo(Arrays.copyOfRange(bytes, 0, 10));
    assertThat(read("r", Read.range(990, 10))).isEqualTo(Arrays.copyOfRange(bytes, 990, 1_000));
    assertThat(read("r", Read.range(995, 10))).isEqualTo(Arrays.copyOfRange(bytes, 995, 1_000));
    assertThat(read("r", new Read(400, -1, null))).isEqualTo(Arrays.copyOfRange(bytes, 400, 1_000));
    try (Download part = store.get("r", Read.range(5, 5)).orElseThrow()) {
      assertThat(part.object().size()).isEqualTo(1_000);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 100})
  void refusesARangeThatBeginsBehindTheEnd(int size) {
    put("short", bytes(size));
    assertThatThrownBy(() -> store.get("short", Read.range(size, 1)))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID));
  }

  @Test
  void tellsWhetherAnObjectChanged() throws IOException {
    String first = written(put("c", bytes(1)));
    try (Download same = store.get("c", Read.unless(first)).orElseThrow()) {
      assertThat(same.notModified()).isTrue();
      assertThat(same.object().etag()).isEqualTo(first);
      assertThat(same.body().readAllBytes()).isEmpty();
    }
    put("c", bytes(2));
    try (Download changed = store.get("c", Read.unless(first)).orElseThrow()) {
      assertThat(changed.notModified()).isFalse();
      assertThat(changed.body().readAllBytes()).isEqualTo(bytes(2));
    }
  }

  @Test
  void aReadMayBeGivenUpHalfWay() throws IOException {
    put("big", bytes(3_000_000));
    for (int i = 0; i < 200; i++) {
      try (Download download = store.get("big", Read.WHOLE).orElseThrow()) {
        assertThat(download.body().read()).isEqualTo(bytes(1)[0]);
      }
    }
    assertThat(read("big", Read.WHOLE)).hasSize(3_000_000);
  }

  @Test
  void listsInTheOrderOfUtf8Bytes() {
    // U+FFFD is below U+1F600 in UTF-8, but above its surrogates in UTF-16.
    List<String> keys =
        List.of(
            "l/A",
            "l/a b",
            "l/a%20b",
            "l/a+b",
            "l/a&amp;b",
            "l/a<b>\"c'd",
            "l/a\u0001b",
            "l/a/b",
            "l/a/c",
            "l/ä",
            "l/\ufffd",
            "l/\ud83d\ude00");
    keys.forEach(key -> put(key, bytes(1)));
    put("m", bytes(1));
    assertThat(store.list("l/", null, null).objects())
        .extracting(StoredObject::key)
        .containsExactlyElementsOf(sortedByUtf8(keys));
  }

  @Test
  void foldsDeeperKeysAtTheDelimiter() {
    List.of("d/a", "d/x/1", "d/x/2", "d/x/y/3", "d/z/1", "d/zz").forEach(k -> put(k, bytes(1)));
    Page page = store.list("d/", "/", null);
    assertThat(page.objects()).extracting(StoredObject::key).containsExactly("d/a", "d/zz");
    assertThat(page.commonPrefixes()).containsExactly("d/x/", "d/z/");
    assertThat(page.next()).isNull();
  }

  @Test
  void foldedPrefixesAreToldAsTheyAreWritten() {
    List.of("e &+%41/ü/1", "e &+%41/ü/2", "e &+%41/<x>/3").forEach(k -> put(k, bytes(1)));
    assertThat(store.list("e &+%41/", "/", null).commonPrefixes())
        .containsExactly("e &+%41/<x>/", "e &+%41/ü/");
  }

  @Test
  void listsPageByPage() {
    int count = 1_234;
    try (ParallelCalls<PutResult> calls = new ParallelCalls<>(16)) {
      IntStream.range(0, count)
          .forEach(i -> calls.submit(() -> put("p/%05d ü".formatted(i), bytes(i % 7))));
      calls.results();
    }
    List<StoredObject> listed = new ArrayList<>();
    int pages = 0;
    String next = null;
    do {
      Page page = store.list("p/", null, next);
      assertThat(page.objects()).hasSizeLessThanOrEqualTo(1_000);
      listed.addAll(page.objects());
      next = page.next();
      pages++;
    } while (next != null);
    assertThat(pages).isEqualTo(2);
    assertThat(listed)
        .extracting(StoredObject::key)
        .isEqualTo(IntStream.range(0, count).mapToObj("p/%05d ü"::formatted).toList());
    assertThat(listed.get(13).size()).isEqualTo(13 % 7);
    assertThat(listed.get(13).etag()).isEqualTo(store.head("p/00013 ü").orElseThrow().etag());
  }

  @Test
  void anEmptyListingHasNoFurtherPage() {
    Page page = store.list("nothing/", null, null);
    assertThat(page.objects()).isEmpty();
    assertThat(page.next()).isNull();
  }

  @Test
  void listsWhatComesAfterAKey() {
    for (String key : List.of("p", "q/", "q/a", "q/b", "q/b/c", "q/c", "q/ä", "r")) {
      put(key, bytes(1));
    }
    assertThat(keysAfter("")).containsExactly("q/", "q/a", "q/b", "q/b/c", "q/c", "q/ä");
    assertThat(keysAfter("a")).hasSize(6);
    assertThat(keysAfter("q/a")).containsExactly("q/b", "q/b/c", "q/c", "q/ä");
    assertThat(keysAfter("q/b!")).as("a key that is none").first().isEqualTo("q/b/c");
    assertThat(keysAfter("q/ä")).isEmpty();
    assertThat(keysAfter("s")).as("behind the prefix").isEmpty();
  }

  private List<String> keysAfter(String key) {
    Page page = store.listAfter("q/", key);
    assertThat(page.next()).isNull();
    return page.objects().stream().map(StoredObject::key).toList();
  }

  @Test
  void aRangeGoesOnPageByPage() {
    for (int i = 0; i < 1_101; i++) {
      put("q/%04d".formatted(i), bytes(1));
    }
    Page first = store.listAfter("q/", "q/0049");
    assertThat(first.objects()).hasSize(1_000);
    assertThat(first.objects().getFirst().key()).isEqualTo("q/0050");
    Page second = store.list("q/", null, first.next());
    assertThat(second.objects()).hasSize(51);
    assertThat(second.objects().getFirst().key()).isEqualTo("q/1050");
    assertThat(second.next()).isNull();
  }

  @Test
  void deletesOnlyTheStateThatWasRead() {
    String first = written(put("q/a", bytes(1)));
    String second = written(put("q/a", bytes(7)));
    assertThat(store.deleteIf("q/a", first)).isFalse();
    assertThat(store.head("q/a").orElseThrow().etag()).isEqualTo(second);
    assertThat(store.deleteIf("q/a", second)).isTrue();
    assertThat(store.head("q/a")).isEmpty();
    assertThat(store.deleteIf("q/a", second)).as("nothing is there").isTrue();
  }

  @Test
  void deletesManyKeysAtOnce() {
    Set<String> doomed = new HashSet<>();
    IntStream.range(0, 20).forEach(i -> doomed.add("del/" + i + " &<ü>"));
    doomed.forEach(key -> put(key, bytes(1)));
    put("stays", bytes(1));
    IntStream.range(0, 1_100).forEach(i -> doomed.add("never-there/" + i));

    assertThat(store.delete(doomed)).isEmpty();
    assertThat(store.list("", null, null).objects())
        .extracting(StoredObject::key)
        .containsExactly("stays");
    assertThat(store.delete(Set.of())).isEmpty();
  }

  @Test
  void deletesKeysThatXmlCannotSayAmongOthers() {
    List<String> keys =
        List.of("x/plain", "x/a\u0001b", "x/\uffff", "x/a\rb", "x/a\nb\tc", "x/<&>\"'", "x/z");
    keys.forEach(key -> put(key, bytes(1)));
    assertThat(store.delete(keys)).isEmpty();
    assertThat(store.list("x/", null, null).objects()).isEmpty();
  }

  @Test
  void foldedPrefixesAreInTheOrderOfUtf8BytesToo() {
    List.of("f/\ud83d\ude00/1", "f/\uff5e/1", "f/a/1").forEach(key -> put(key, bytes(1)));
    assertThat(store.list("f/", "/", null).commonPrefixes())
        .containsExactly("f/a/", "f/\uff5e/", "f/\ud83d\ude00/");
  }

  @Test
  void presignedGetReadsOneKey() throws Exception {
    put("shared key", bytes(5));
    assertThat(download(store, store.presignGet("shared key", Duration.ofMinutes(1))))
        .isEqualTo(bytes(5));
  }

  @Test
  void presignedPutTakesExactlyTheAnnouncedBytes() throws Exception {
    byte[] bytes = bytes(100);
    ObjectStore.PresignedPut put =
        store.presignPut("up load", sha256(bytes), bytes.length, Duration.ofMinutes(1));

    byte[] others = bytes.clone();
    others[50]++;
    assertThat(upload(store, put, put.headers(), others)).isEqualTo(400);
    assertThat(upload(store, put, put.headers(), bytes(99))).isBetween(400, 499);
    Map<String, String> lie = new java.util.HashMap<>(put.headers());
    lie.replaceAll((name, value) -> value.endsWith("=") ? sha256(others).base64() : value);
    assertThat(upload(store, put, lie, others)).isEqualTo(403);
    assertThat(store.head("up load")).isEmpty();

    assertThat(upload(store, put, put.headers(), bytes)).isEqualTo(200);
    assertThat(store.head("up load").orElseThrow().sha256()).isEqualTo(sha256(bytes));
  }

  /** As Python's urllib does it: no word of the signer's, and a type for every body. */
  @Test
  void presignedUploadTakesWhateverItsClientSends() throws Exception {
    URI url = store.presignUpload("incoming/a/b/c", Duration.ofMinutes(1));
    ObjectStore.PresignedPut put = new ObjectStore.PresignedPut(url, Map.of());
    Map<String, String> urllib = Map.of("Content-Type", "application/x-www-form-urlencoded");

    for (byte[] bytes : List.of(bytes(70_000), bytes(0))) {
      assertThat(upload(store, put, urllib, bytes)).isEqualTo(200);
      try (Download download = store.get("incoming/a/b/c", Read.WHOLE).orElseThrow()) {
        assertThat(download.body().readAllBytes()).isEqualTo(bytes);
      }
    }
    assertThat(download(store, url)).isNull();
  }

  private PutResult put(String key, byte[] bytes) {
    return put(key, Content.of(bytes), null, Condition.ALWAYS);
  }

  private PutResult put(String key, Content content, @Nullable ContentId id, Condition condition) {
    return store.put(key, content, id, condition, TYPE);
  }

  private byte[] read(String key, Read read) {
    try (Download download = store.get(key, read).orElseThrow()) {
      return download.body().readAllBytes();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static String written(PutResult result) {
    assertThat(result).isInstanceOf(PutResult.Written.class);
    return ((PutResult.Written) result).etag();
  }

  /** Bytes that are not alike at any two near places. */
  private static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[i] = (byte) (i * 31 + i / 251 + size % 1_000);
    }
    if (size > 0) {
      bytes[0] = 7;
    }
    return bytes;
  }

  private static ContentId sha256(byte[] bytes) {
    try {
      return ContentId.ofBytes(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<String> sortedByUtf8(List<String> keys) {
    return keys.stream()
        .sorted((a, b) ->
            Arrays.compareUnsigned(
                a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8)))
        .toList();
  }
}
