package dev.sheaf.localstack.servers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.localstack.servers.access.Credentials;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.rdsdata.RdsDataClient;
import software.amazon.awssdk.services.rdsdata.model.SecretsErrorException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.sqs.SqsClient;

/** Who is let in: clients that know what the stack drew at its start, and nobody else. */
class AccessTest {
  private static LocalServers servers;
  private static URI queue;

  @TempDir private Path folder;

  @BeforeAll
  static void start() throws IOException {
    servers = LocalServers.builder().s3().catalog().sqs().start();
    servers.s3().createBucket("bucket");
    queue = servers.sqs().createQueue("jobs", Duration.ofSeconds(30), 3).url();
  }

  @AfterAll
  static void stop() {
    servers.close();
  }

  private static Map<String, URI> endpoints() {
    return new TreeMap<>(
        Map.of(
            "Data API", servers.dataApi().endpoint(),
            "S3", servers.s3().endpoint(),
            "SQS", servers.sqs().endpoint()));
  }

  // ---- signatures

  private static void askEach(Credentials credentials, String expected) {
    AwsCredentialsProvider provider = Clients.provider(credentials);
    try (RdsDataClient dataApi = Clients.dataApi(servers, provider);
        SqsClient sqs = Clients.sqs(servers, provider);
        S3Client s3 = Clients.s3(servers.s3().endpoint(), credentials)) {
      Map<String, org.assertj.core.api.ThrowableAssert.ThrowingCallable> calls =
          Map.of(
              "Data API",
              () ->
                  dataApi.executeStatement(e ->
                      e.resourceArn(LocalServers.CATALOG_ARN)
                          .secretArn(servers.catalogSecretArn())
                          .sql("select 1")),
              "SQS",
              () -> sqs.sendMessage(m -> m.queueUrl(queue.toString()).messageBody("x")),
              "S3",
              () -> s3.listObjectsV2(l -> l.bucket("bucket")));
      calls.forEach((service, call) -> {
        if (expected.isEmpty()) {
          org.assertj.core.api.Assertions.assertThatCode(call)
              .as(service)
              .doesNotThrowAnyException();
          return;
        }
        assertThatThrownBy(call)
            .as(service)
            .isInstanceOfSatisfying(
                AwsServiceException.class,
                e -> {
                  assertThat(e.statusCode()).as(service).isEqualTo(403);
                  assertThat(e.awsErrorDetails().errorCode()).as(service).containsPattern(expected);
                });
      });
    }
  }

  @Test
  void theDrawnCredentialsOpenEachService() {
    askEach(servers.credentials(), "");
  }

  @Test
  void otherCredentialsOpenNone() {
    Credentials drawn = servers.credentials();
    askEach(new Credentials("local", "local-secret"), "UnrecognizedClient|InvalidAccessKeyId");
    askEach(
        new Credentials(drawn.accessKeyId(), drawn.secretAccessKey() + "x"),
        "InvalidSignature|SignatureDoesNotMatch");
  }

  @Test
  void theSecretArnMustBeTheDrawnOne() {
    try (RdsDataClient client = Clients.dataApi(servers)) {
      assertThatThrownBy(() ->
              client.executeStatement(e ->
                  e.resourceArn(LocalServers.CATALOG_ARN)
                      .secretArn("arn:aws:secretsmanager:us-east-1:000000000000:secret:local")
                      .sql("select 1")))
          .isInstanceOf(SecretsErrorException.class);
    }
  }

  @Test
  void eachStackDrawsItsOwn() throws IOException {
    try (LocalServers other = LocalServers.builder().sqs().start()) {
      assertThat(other.credentials()).isNotEqualTo(servers.credentials());
      assertThat(other.catalogSecretArn()).isNotEqualTo(servers.catalogSecretArn());
    }
  }

  // ---- browsers

  private static String post(URI endpoint, String headers, String body) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), endpoint.getPort())) {
      socket
          .getOutputStream()
          .write(
              "POST /Execute HTTP/1.1\r\n%sContent-Length: %d\r\nConnection: close\r\n\r\n%s"
                  .formatted(headers, body.length(), body)
                  .getBytes(UTF_8));
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    }
  }

  /** What a page of any web site can send without being asked: a simple CORS request. */
  @Test
  void aWebPageCannotPost() throws Exception {
    String sql =
        "{\"resourceArn\":\"%s\",\"secretArn\":\"%s\",\"sql\":\"create table pwned ()\"}"
            .formatted(LocalServers.CATALOG_ARN, servers.catalogSecretArn());
    for (Map.Entry<String, URI> each : endpoints().entrySet()) {
      String host = "Host: " + each.getValue().getAuthority() + "\r\n";
      for (String origin :
          List.of("https://evil.example", "null", "http://127.0.0.1.evil.example")) {
        String headers = host + "Content-Type: text/plain\r\nOrigin: " + origin + "\r\n";
        assertThat(post(each.getValue(), headers, sql))
            .as(each.getKey() + " " + origin)
            .startsWith("HTTP/1.1 403 ")
            .contains("Origin");
      }
      assertThat(post(each.getValue(), host, sql))
          .as("unsigned")
          .containsPattern("^HTTP/1.1 40[03] ");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "[::2]"})
  void aNameThatPointsHereIsNotOurs(String host) throws Exception {
    for (Map.Entry<String, URI> each : endpoints().entrySet()) {
      assertThat(post(each.getValue(), "Host: " + host + "\r\n", "{}"))
          .as(each.getKey())
          .containsPattern("^HTTP/1.1 4(21|00) ");
    }
  }

  // ---- the database

  @Test
  void theFunctionsRoleRunsNoProgramsAndReadsNoFiles() throws Exception {
    try (Connection connection =
            DriverManager.getConnection(servers.postgres().jdbcUrl(LocalServers.DATABASE));
        Statement statement = connection.createStatement()) {
      statement.execute("create table mine (line text)");
      for (String sql :
          List.of(
              "copy mine from program 'id'",
              "copy mine from '/etc/passwd'",
              "copy mine to '/tmp/x'",
              "select pg_read_file('/etc/passwd')",
              "select pg_ls_dir('.')",
              "select lo_import('/etc/passwd')",
              "create role other",
              "create database other",
              "alter role current_user superuser",
              "set role postgres",
              "alter system set listen_addresses = '*'",
              "select rolpassword from pg_authid")) {
        assertThatThrownBy(() -> statement.execute(sql))
            .as(sql)
            .isInstanceOfSatisfying(
                SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42501"));
      }
    }
  }

  @Test
  void postgresLetsNobodyInWithoutItsPassword() {
    String url = servers.postgres().jdbcUrl(LocalServers.DATABASE);
    String password = url.replaceFirst(".*password=", "");
    String bare = url.replaceFirst("\\?.*", "");
    for (String login :
        List.of(
            "?user=postgres",
            "?user=postgres&password=postgres",
            "?user=postgres&password=" + password,
            "?user=sheaf_main",
            "?user=sheaf_main&password=x")) {
      assertThatThrownBy(() -> DriverManager.getConnection(bare + login).close())
          .as(login)
          .isInstanceOf(SQLException.class);
    }
    String elsewhere = url.replace("/" + LocalServers.DATABASE + "?", "/postgres?");
    assertThatThrownBy(() -> DriverManager.getConnection(elsewhere).close())
        .isInstanceOf(SQLException.class);
  }

  // ---- where secrets lie

  @Test
  void noProcessShowsASecretInItsArguments() {
    String arguments =
        ProcessHandle.current()
            .descendants()
            .map(ProcessHandle::pid)
            .map(AccessTest::arguments)
            .toList()
            .toString();
    assertThat(arguments).contains("postgres");
    String url = servers.postgres().jdbcUrl(LocalServers.DATABASE);
    assertThat(arguments)
        .doesNotContain(url.replaceFirst(".*password=", ""))
        .doesNotContain(servers.credentials().secretAccessKey())
        .doesNotContain("SCRAM");
  }

  private static String arguments(long pid) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/cmdline"), UTF_8);
    } catch (IOException e) {
      return "";
    }
  }

  @Test
  void recordsPrintNoSecret() {
    assertThat(servers.credentials().toString())
        .doesNotContain(servers.credentials().secretAccessKey());
  }

  @Test
  void aKeptStackKeepsItsSecretsToItsOwner() throws Exception {
    // A JVM in an ASCII locale cannot name other files.
    boolean unicode = "UTF-8".equals(System.getProperty("sun.jnu.encoding"));
    Path data = folder.resolve(unicode ? "a folder/mit Größe" : "a folder/with size");
    Credentials credentials;
    String arn;
    try (LocalServers kept = LocalServers.builder().s3().catalog().folder(data).start()) {
      credentials = kept.credentials();
      arn = kept.catalogSecretArn();
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data)))
          .isEqualTo("rwx------");
      assertThat(
              PosixFilePermissions.toString(
                  Files.getPosixFilePermissions(data.resolve("secrets.json"))))
          .isEqualTo("rw-------");
      assertNowhereIn(data, kept.postgres().jdbcUrl("sheaf").replaceFirst(".*password=", ""));
    }
    try (LocalServers kept = LocalServers.builder().s3().catalog().folder(data).start()) {
      assertThat(kept.credentials()).isEqualTo(credentials);
      assertThat(kept.catalogSecretArn()).isEqualTo(arn);
    }
  }

  private static void assertNowhereIn(Path data, String password) throws IOException {
    try (Stream<Path> files = Files.walk(data)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String text = Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1);
        assertThat(text.contains(password)).as(file.toString()).isFalse();
      }
    }
  }
}
