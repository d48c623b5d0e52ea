package dev.sheaf.localstack.embedded.queue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.localstack.servers.s3.awssdk.ObjectCreated;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;

/** A bucket's notification configuration: objects under one prefix are announced to one queue. */
public final class UploadNotifications implements Consumer<ObjectCreated> {
  private static final Logger log = LoggerFactory.getLogger(UploadNotifications.class);
  private static final ObjectMapper JSON = JsonMapper.builder().build();
  private static final DateTimeFormatter MILLIS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private final SqsClient sqs;
  private final String queueUrl;
  private final String region;
  private final String prefix;
  private final Supplier<String> requestIds;

  /**
   * @param prefix only keys that begin with it are announced
   */
  public UploadNotifications(
      SqsClient sqs, String queueUrl, String region, String prefix, Supplier<String> requestIds) {
    this.sqs = sqs;
    this.queueUrl = queueUrl;
    this.region = region;
    this.prefix = prefix;
    this.requestIds = requestIds;
  }

  /** What S3 sends when a notification is configured. */
  public void announceConfiguration(String bucket, Instant now) {
    ObjectNode test = JSON.createObjectNode();
    test.put("Service", "Amazon S3");
    test.put("Event", "s3:TestEvent");
    test.put("Time", MILLIS.format(now));
    test.put("Bucket", bucket);
    test.put("RequestId", requestIds.get());
    test.put("HostId", "local");
    send(test);
  }

  @Override
  public void accept(ObjectCreated created) {
    if (created.key().startsWith(prefix)) {
      send(event(created));
    }
  }

  /** A failure is only logged, as on AWS, where the upload has long been answered. */
  private void send(ObjectNode body) {
    try {
      sqs.sendMessage(m -> m.queueUrl(queueUrl).messageBody(body.toString()));
    } catch (SdkException e) {
      log.error("an upload could not be announced: {}", e.getMessage());
    }
  }

  private ObjectNode event(ObjectCreated created) {
    ObjectNode event = JSON.createObjectNode();
    ObjectNode record = event.putArray("Records").addObject();
    record.put("eventVersion", "2.1");
    record.put("eventSource", "aws:s3");
    record.put("awsRegion", region);
    record.put("eventTime", MILLIS.format(created.time()));
    record.put("eventName", created.event());
    record.putObject("userIdentity").put("principalId", "local");
    record.putObject("requestParameters").put("sourceIPAddress", "127.0.0.1");
    ObjectNode response = record.putObject("responseElements");
    response.put("x-amz-request-id", requestIds.get());
    response.put("x-amz-id-2", "local");
    ObjectNode s3 = record.putObject("s3");
    s3.put("s3SchemaVersion", "1.0");
    s3.put("configurationId", "bundles");
    ObjectNode bucket = s3.putObject("bucket");
    bucket.put("name", created.bucket());
    bucket.putObject("ownerIdentity").put("principalId", "local");
    bucket.put("arn", "arn:aws:s3:::" + created.bucket());
    ObjectNode object = s3.putObject("object");
    // As S3 does it: like a form, so that a space is a plus.
    object.put("key", URLEncoder.encode(created.key(), StandardCharsets.UTF_8).replace("%2F", "/"));
    object.put("size", created.size());
    object.put("eTag", created.etag());
    object.put("sequencer", "%016X".formatted(created.sequencer()));
    return event;
  }
}
