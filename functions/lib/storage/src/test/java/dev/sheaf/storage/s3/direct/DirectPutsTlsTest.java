package dev.sheaf.storage.s3.direct;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.storage.ObjectStore.PutResult;
import dev.sheaf.storage.ScriptedServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** Over TLS bytes go to the host of the URL, proven by a trusted certificate, or nowhere. */
@Timeout(60)
class DirectPutsTlsTest {
  private static final char[] PASSWORD = "changeit".toCharArray();
  private static SSLContext ofLocalhost;

  @BeforeAll
  static void makeCertificate(@TempDir Path folder) throws Exception {
    Path store = folder.resolve("localhost.p12");
    Process process = new ProcessBuilder(keytool(store)).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    ofLocalhost = context(store);
  }

  @Test
  void putsToTheHostThatTheCertificateNames() throws Exception {
    try (ScriptedServer server = server()) {
      assertThat(put(server, "localhost", ofLocalhost.getSocketFactory()))
          .contains(new PutResult.Written("\"e\""));
      assertThat(server.requests().getFirst().body()).isEqualTo("hello");
    }
  }

  @Test
  void refusesACertificateOfAnotherHost() throws Exception {
    try (ScriptedServer server = server()) {
      assertThat(put(server, "127.0.0.1", ofLocalhost.getSocketFactory())).isEmpty();
      assertThat(server.requests()).isEmpty();
    }
  }

  @Test
  void refusesACertificateThatNobodyTrusts() throws Exception {
    try (ScriptedServer server = server()) {
      SSLSocketFactory byDefault = (SSLSocketFactory) SSLSocketFactory.getDefault();
      assertThat(put(server, "localhost", byDefault)).isEmpty();
      assertThat(server.requests()).isEmpty();
    }
  }

  private static ScriptedServer server() throws IOException {
    ServerSocket listener =
        ofLocalhost
            .getServerSocketFactory()
            .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
    return new ScriptedServer(listener).then(200, "ETag: \"e\"", "");
  }

  private static Optional<PutResult> put(
      ScriptedServer server, String host, SSLSocketFactory tlsSockets) {
    DirectPuts puts =
        new DirectPuts(
            new Exchanges(
                URI.create("https://" + host + ":" + server.url().getPort() + "/bucket"),
                "us-east-1",
                StaticCredentialsProvider.create(AwsBasicCredentials.create("key", "secret")),
                () -> tlsSockets,
                () -> Instant.EPOCH));
    byte[] body = {'h', 'e', 'l', 'l', 'o'};
    return puts.put("k", body, ContentId.parse("ab".repeat(32)), true, "a/b");
  }

  private static List<String> keytool(Path store) {
    String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    List<String> command = new ArrayList<>(List.of(keytool, "-genkeypair", "-alias", "a"));
    command.addAll(List.of("-keyalg", "EC", "-dname", "CN=localhost"));
    command.addAll(List.of("-ext", "san=dns:localhost", "-storetype", "PKCS12"));
    command.addAll(List.of("-storepass", new String(PASSWORD), "-keystore", store.toString()));
    return command;
  }

  /** One that is, and trusts nobody but, localhost. */
  private static SSLContext context(Path store) throws Exception {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD);
    }
    KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    own.init(keys, PASSWORD);
    TrustManagerFactory trusted =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    KeyStore certificates = KeyStore.getInstance("PKCS12");
    certificates.load(null, null);
    certificates.setCertificateEntry("a", keys.getCertificate("a"));
    trusted.init(certificates);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(own.getKeyManagers(), trusted.getTrustManagers(), null);
    return context;
  }
}
