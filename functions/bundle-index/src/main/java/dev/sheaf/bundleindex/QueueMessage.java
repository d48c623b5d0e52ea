package dev.sheaf.bundleindex;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.ObjectKeys.BundleKey;
import dev.sheaf.repository.job.WakeUp;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a message of the queue says. */
sealed interface QueueMessage {
  /** Bundles have arrived in the store. */
  record Uploads(List<Upload> uploads) implements QueueMessage {}

  /** Repositories may have jobs to run. */
  record Wake(WakeUp wakeUp) implements QueueMessage {}

  /** Nothing to do, for a reason. */
  record Ignored(String reason) implements QueueMessage {}

  /**
   * One bundle that has arrived.
   *
   * @param key where it is
   * @param sizeBytes its length
   * @param uploadId S3's sequencer: the same for each delivery of one upload's event
   */
  record Upload(BundleKey key, long sizeBytes, String uploadId) {}

  /** The body of a message about an upload, as S3 writes it. */
  static String upload(String bucket, String key, long sizeBytes, String uploadId) {
    ObjectNode body = Json.MAPPER.createObjectNode();
    ObjectNode event = body.putArray("Records").addObject();
    event.put("eventVersion", "2.1");
    event.put("eventSource", "aws:s3");
    event.put("eventName", "ObjectCreated:Put");
    ObjectNode s3 = event.putObject("s3");
    s3.putObject("bucket").put("name", bucket);
    s3.putObject("object").put("key", key).put("size", sizeBytes).put("sequencer", uploadId);
    return body.toString();
  }

  /**
   * Reads a message's body: an S3 notification, the test event that S3 sends when a notification is
   * set up, or a wake-up. Records about anything but bundles of this bucket are left out.
   */
  static QueueMessage parse(String body, String bucket) {
    JsonNode json;
    try {
      json = Json.MAPPER.readTree(body);
    } catch (JsonProcessingException e) {
      return new Ignored("the message is no JSON: " + e.getOriginalMessage());
    }
    Optional<WakeUp> wakeUp = WakeUp.parse(json);
    if (wakeUp.isPresent()) {
      return new Wake(wakeUp.get());
    }
    if ("s3:TestEvent".equals(json.path("Event").asText())) {
      return new Ignored("a test event of S3");
    }
    if (!json.path("Records").isArray()) {
      return new Ignored("the message is neither an S3 event nor a wake-up");
    }
    List<Upload> uploads = new ArrayList<>();
    List<String> reasons = new ArrayList<>();
    json.path("Records").forEach(event -> Json.upload(event, bucket, uploads, reasons));
    return uploads.isEmpty() ? new Ignored(String.join("; ", reasons)) : new Uploads(uploads);
  }

  /** How S3 writes its events. */
  final class Json {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Json() {}

    private static void upload(
        JsonNode event, String bucket, List<Upload> uploads, List<String> reasons) {
      JsonNode s3 = event.path("s3");
      String name = event.path("eventName").asText();
      String eventBucket = s3.path("bucket").path("name").asText();
      // Keys in events are encoded as in a form: a space is a plus.
      String encoded = s3.path("object").path("key").asText();
      String key;
      try {
        key = URLDecoder.decode(encoded, StandardCharsets.UTF_8);
      } catch (IllegalArgumentException e) {
        reasons.add("key '" + encoded + "' is not URL-encoded");
        return;
      }
      BundleKey bundle = ObjectKeys.parseBundle(key);
      if (!name.startsWith("ObjectCreated:")) {
        reasons.add("event '" + name + "' creates nothing");
      } else if (!eventBucket.equals(bucket)) {
        reasons.add("bucket '" + eventBucket + "' is not " + bucket);
      } else if (bundle == null) {
        reasons.add("key '" + key + "' names no bundle");
      } else {
        JsonNode object = s3.path("object");
        uploads.add(
            new Upload(bundle, object.path("size").asLong(), object.path("sequencer").asText()));
      }
    }
  }
}
