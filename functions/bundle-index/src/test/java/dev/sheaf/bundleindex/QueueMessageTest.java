package dev.sheaf.bundleindex;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundleindex.QueueMessage.Ignored;
import dev.sheaf.bundleindex.QueueMessage.Upload;
import dev.sheaf.bundleindex.QueueMessage.Uploads;
import dev.sheaf.bundleindex.QueueMessage.Wake;
import dev.sheaf.repository.job.WakeUp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QueueMessageTest {
  private static final Path EVENTS = Path.of("../../events");
  private static final String BUNDLE = "ab".repeat(32);

  private static QueueMessage parse(String body) {
    return QueueMessage.parse(body, "sheaf");
  }

  private static QueueMessage created(String key, String bucket, String name) {
    return parse(
        """
        {"Records": [{"eventName": "%s", "s3": {"bucket": {"name": "%s"},
          "object": {"key": "%s", "size": 7, "sequencer": "S"}}}]}
        """
            .formatted(name, bucket, key));
  }

  @Test
  void readsTheEventThatS3Writes() throws IOException {
    QueueMessage message = parse(Files.readString(EVENTS.resolve("s3-bundle-uploaded.json")));
    assertThat(message).isInstanceOf(Uploads.class);
    Upload upload = ((Uploads) message).uploads().getFirst();
    assertThat(upload.key().owner()).isEqualTo("alice");
    assertThat(upload.key().repo()).isEqualTo("notes");
    assertThat(upload.sizeBytes()).isEqualTo(13_944);
    assertThat(upload.uploadId()).isEqualTo("0055AED6DCD90281E5");
  }

  @Test
  void passesOverTheTestEvent() throws IOException {
    assertThat(parse(Files.readString(EVENTS.resolve("s3-test-event.json"))))
        .isInstanceOf(Ignored.class);
  }

  @Test
  void readsAWakeUp() {
    WakeUp one = WakeUp.of("the \"repo\"");
    assertThat(parse(one.body())).isEqualTo(new Wake(one));
    assertThat(parse(WakeUp.ALL.body())).isEqualTo(new Wake(WakeUp.ALL));
  }

  /** What the schedule of the template sends: its test holds it against the same file. */
  @Test
  void readsWhatTheScheduleSends() throws IOException {
    String body = Files.readString(EVENTS.resolve("wake-up-all.json")).strip();
    assertThat(body).isEqualTo(WakeUp.ALL.body());
    assertThat(parse(body)).isEqualTo(new Wake(WakeUp.ALL));
  }

  @Test
  void readsWhatItWritesAboutAnUpload() {
    String key = "bundles/alice/notes/" + BUNDLE;
    QueueMessage message = parse(QueueMessage.upload("sheaf", key, 7, "S"));
    assertThat(((Uploads) message).uploads())
        .containsExactly(new Upload(Objects.requireNonNull(ObjectKeys.parseBundle(key)), 7, "S"));
  }

  @Test
  void decodesKeys() {
    QueueMessage message =
        created(
            "bundles%2Falice/r.%72/" + BUNDLE, "sheaf", "ObjectCreated:CompleteMultipartUpload");
    assertThat(((Uploads) message).uploads().getFirst().key().repo()).isEqualTo("r.r");
  }

  @ParameterizedTest
  @CsvSource({
    "objects/ab/abab, sheaf, ObjectCreated:Put, names no bundle",
    "bundles/alice/r/short, sheaf, ObjectCreated:Put, names no bundle",
    "bundles/alice/r+r/KEY, sheaf, ObjectCreated:Put, names no bundle",
    "bundles/alice/r/%ZZ, sheaf, ObjectCreated:Put, is not URL-encoded",
    "bundles/alice/r/KEY, other, ObjectCreated:Put, is not sheaf",
    "bundles/alice/r/KEY, sheaf, ObjectRemoved:Delete, creates nothing",
  })
  void passesOverWhatIsNotOurs(String key, String bucket, String name, String reason) {
    QueueMessage message = created(key.replace("KEY", BUNDLE), bucket, name);
    assertThat(message).isInstanceOf(Ignored.class);
    assertThat(((Ignored) message).reason()).contains(reason);
  }

  @ParameterizedTest
  @CsvSource({
    "''",
    "nonsense",
    "{}",
    "[]",
    "null",
    "7",
    "'{\"Records\": 5}'",
    "'{\"Records\": []}'"
  })
  void passesOverNonsense(String body) {
    assertThat(parse(body)).isInstanceOf(Ignored.class);
  }
}
