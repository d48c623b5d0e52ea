package dev.sheaf.journal;

import static dev.sheaf.journal.Vectors.array;
import static dev.sheaf.journal.Vectors.member;
import static dev.sheaf.journal.Vectors.text;

import dev.sheaf.journal.json.Json;
import dev.sheaf.journal.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/** Recorded buckets: directories with {@code listing.json} and {@code objects/}. */
final class Dump {
  private Dump() {}

  static FakeBucket load(Path directory) {
    FakeBucket bucket = new FakeBucket();
    JsonObject listing = (JsonObject) Vectors.read(directory.resolve("listing.json"));
    for (Json row : array(member(listing, "objects"))) {
      JsonObject object = (JsonObject) row;
      String key = text(object, "key");
      byte[] body = bytes(directory.resolve("objects").resolve(key));
      bucket.place(key, body, Instant.parse(text(object, "lastModified")));
    }
    return bucket;
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The 1,006 segments of scenario 19, which are described instead of stored. */
  static void placeTwoPages(FakeBucket bucket) {
    Instant start = Instant.parse("2026-07-04T10:00:00Z");
    for (int i = 0; i < 1005; i++) {
      String key = ".metadata/pages/segment-01900000-0000-7000-8000-%012x.json".formatted(i);
      String body =
          "{\"ops\":[{\"op\":\"IntAdd\",\"Key\":\"n\",\"Delta\":%d},{\"op\":\"IntMapAdd\",\"Key\":\"m\",\"MapKey\":%d,\"Delta\":1}]}"
              .formatted(i, i % 3);
      bucket.place(
          key, body.getBytes(StandardCharsets.UTF_8), start.plusMillis((i * 7919L) % 1005));
    }
  }
}
