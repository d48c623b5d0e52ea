package dev.sheaf.storage.s3.direct;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.Content;
import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.ObjectStore.Condition;
import dev.sheaf.storage.ObjectStore.Page;
import dev.sheaf.storage.ScriptedServer;
import dev.sheaf.storage.wiring.Site;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

@Timeout(60)
class DirectListsTest {
  private static final String LISTING =
      "<ListBucketResult><Contents><Key>a</Key><LastModified>2026-07-04T10:00:00.000Z"
          + "</LastModified><ETag>\"e\"</ETag><Size>3</Size></Contents>"
          + "<IsTruncated>false</IsTruncated></ListBucketResult>";
  private static final Page PAGE =
      new Page(
          List.of(
              new ObjectStore.StoredObject(
                  "a", 3, "\"e\"", Instant.parse("2026-07-04T10:00:00Z"), null)),
          List.of(),
          null);

  private ScriptedServer server;
  private DirectLists lists;

  @BeforeEach
  void start() throws IOException {
    server = new ScriptedServer();
    lists = lists(server.url().resolve("/bucket"), "key", "secret");
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  private static DirectLists lists(URI bucket, String key, String secret) {
    return new DirectLists(
        new Exchanges(
            bucket,
            "us-east-1",
            StaticCredentialsProvider.create(AwsBasicCredentials.create(key, secret)),
            () -> (SSLSocketFactory) SSLSocketFactory.getDefault(),
            InstantSource.system()));
  }

  @Test
  void asksAsItIsSigned() {
    server.then(200, "", LISTING).then(200, "", LISTING);
    assertThat(lists.list("a b/+ü", "/", "t=/")).contains(PAGE);
    assertThat(lists(server.url(), "key", "secret").list("", null, null)).contains(PAGE);
    assertThat(server.requests())
        .extracting(ScriptedServer.Request::line)
        .containsExactly(
            "GET /bucket?continuation-token=t%3D%2F&delimiter=%2F&encoding-type=url&list-type=2"
                + "&prefix=a%20b%2F%2B%C3%BC",
            "GET /?encoding-type=url&list-type=2&prefix=");
  }

  /** S3 sends listings in chunks: it does not know how long they get. */
  @Test
  void takesChunks() {
    String head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    String split =
        "%x;ext=1\r\n%s\r\n%X \r\n%s\r\n"
            .formatted(20, LISTING.substring(0, 20), LISTING.length() - 20, LISTING.substring(20));
    server.then(head + split + "0\r\n\r\n").then(head + split + "00\r\nTrailer: x\r\n\r\n");
    assertThat(lists.list("", null, null)).contains(PAGE);
    assertThat(lists.list("", null, null)).contains(PAGE);
    assertThat(server.connections()).as("read to the end").isEqualTo(1);
  }

  @Test
  void takesNoBrokenChunks() {
    String length = Integer.toHexString(LISTING.length());
    for (String broken :
        new String[] {
          length + "\r\n" + LISTING + "\r\n",
          length + "\r\n" + LISTING,
          length + "\r\n" + LISTING + "\r\n0\r\n",
          "1\r\n" + LISTING + "\r\n0\r\n\r\n",
          "x\r\n" + LISTING + "\r\n0\r\n\r\n",
          "-1\r\n" + LISTING + "\r\n0\r\n\r\n",
          "7fffffff\r\n" + LISTING + "\r\n0\r\n\r\n",
        }) {
      String head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
      server.then(head + broken);
      assertThat(lists.list("", null, null)).as(broken).isEmpty();
    }
    server.then("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n");
    assertThat(lists.list("", null, null)).isEmpty();
  }

  @Test
  void takesNoOtherAnswer() {
    for (int status : new int[] {206, 301, 403, 404, 500, 503}) {
      server.then(status, "", LISTING);
      assertThat(lists.list("", null, null)).as("status " + status).isEmpty();
    }
    server.then(200, "", LISTING.replace("</ListBucketResult>", ""));
    assertThat(lists.list("", null, null)).as("cut off").isEmpty();
    server.then(200, "", "<Error/>");
    assertThat(lists.list("", null, null)).as("an error after all").isEmpty();
    server.then(200, "", LISTING + " ".repeat(1 << 20));
    assertThat(lists.list("", null, null)).as("too large").isEmpty();
  }

  /** That the contract passes shows nothing of this way, if every request goes on to the SDK's. */
  @Test
  void aRealServersAnswersAreUnderstood() throws IOException {
    Map<String, String> environment = LocalServers.shared().newSite();
    ObjectStore store = Site.from(environment).objects();
    for (String key : new String[] {"a b", "a+%&<ü>\u0001", "d/1", "d/2"}) {
      store.put(key, Content.of(new byte[3]), null, Condition.ALWAYS, "text/plain");
    }
    environment.put("HTTPS_PROXY", "http://proxy.invalid:3128");
    ObjectStore bySdk = Site.from(environment).objects();
    URI endpoint = URI.create(environment.getOrDefault("AWS_ENDPOINT_URL_S3", ""));
    DirectLists direct =
        lists(
            endpoint.resolve("/" + store.bucket()),
            environment.getOrDefault("AWS_ACCESS_KEY_ID", ""),
            environment.getOrDefault("AWS_SECRET_ACCESS_KEY", ""));
    assertThat(direct.list("", null, null)).isEqualTo(Optional.of(bySdk.list("", null, null)));
    assertThat(direct.list("", "/", null)).isEqualTo(Optional.of(bySdk.list("", "/", null)));
    assertThat(direct.list("a", "/", null).orElseThrow().objects()).hasSize(2);
  }
}
