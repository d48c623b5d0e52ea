package dev.sheaf.localstack.servers.s3.awssdk;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.localstack.servers.Clients;
import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.localstack.servers.access.Credentials;
import dev.sheaf.localstack.servers.access.StackSecrets;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/** A server that is killed in the middle of writes has lost none that it acknowledged. */
class CrashTest {
  private static final int WRITERS = 8;
  private static final int ACKNOWLEDGED_BEFORE_THE_KILL = 300;
  private static final int KEYS = 60;

  @TempDir private Path folder;

  /** The victim: serves a folder until it is killed. */
  static final class Victim {
    private Victim() {}

    public static void main(String[] args) throws Exception {
      LocalServers servers = LocalServers.builder().s3().folder(Path.of(args[0])).start();
      servers.s3().createBucket("bucket");
      System.out.println(servers.s3().endpoint());
      System.out.flush();
      new CountDownLatch(1).await();
    }
  }

  @Test
  void keepsWhatItAcknowledged() throws Exception {
    Map<String, Integer> acknowledged = new ConcurrentHashMap<>();
    Process victim = startVictim();
    try (BufferedReader out = victim.inputReader(UTF_8)) {
      URI endpoint = URI.create(out.readLine());
      Credentials credentials = StackSecrets.in(folder, new Random()).credentials();
      writeUntilKilled(Clients.s3(endpoint, credentials), victim, acknowledged);
    } finally {
      victim.destroyForcibly().waitFor();
    }
    Path incoming = folder.resolve("s3/bucket/incoming");
    Files.writeString(incoming.resolve("999999.tmp"), "torn");

    try (LocalServers servers = LocalServers.builder().s3().folder(folder).start();
        S3Client s3 = Clients.s3(servers)) {
      assertThat(incoming).isEmptyDirectory();
      acknowledged.forEach((key, version) -> {
        String body = s3.getObjectAsBytes(g -> g.bucket("bucket").key(key)).asUtf8String();
        assertThat(version(key, body)).as(key).isGreaterThanOrEqualTo(version);
      });
      for (S3Object listed :
          s3.listObjectsV2Paginator(l -> l.bucket("bucket")).contents().stream().toList()) {
        var object = s3.getObjectAsBytes(g -> g.bucket("bucket").key(listed.key()));
        assertThat(object.response().eTag()).isEqualTo(listed.eTag());
        assertThat(object.response().contentType()).isEqualTo("text/version");
        version(listed.key(), object.asUtf8String());
      }
    }
  }

  private Process startVictim() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            Victim.class.getName(),
            folder.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static void writeUntilKilled(
      S3Client client, Process victim, Map<String, Integer> acknowledged) throws Exception {
    CountDownLatch enough = new CountDownLatch(ACKNOWLEDGED_BEFORE_THE_KILL);
    try (S3Client s3 = client;
        ExecutorService writers = Executors.newFixedThreadPool(WRITERS)) {
      for (int writer = 0; writer < WRITERS; writer++) {
        int number = writer;
        writers.execute(() -> write(s3, number, acknowledged, enough));
      }
      assertThat(enough.await(2, TimeUnit.MINUTES)).as("300 writes are acknowledged").isTrue();
      victim.destroyForcibly();
    }
  }

  /** Each writer has keys of its own, so that the version it wrote last is known. */
  private static void write(
      S3Client s3, int writer, Map<String, Integer> acknowledged, CountDownLatch enough) {
    Random random = new Random(writer);
    try {
      for (int version = 1; ; version++) {
        int number = version;
        String key = "writer-" + writer + "/" + random.nextInt(KEYS);
        s3.putObject(
            p -> p.bucket("bucket").key(key).contentType("text/version"),
            RequestBody.fromString(body(key, number)));
        acknowledged.put(key, number);
        enough.countDown();
      }
    } catch (SdkException killed) {
      // The end of the test.
    }
  }

  private static String body(String key, int version) {
    return (key + " " + version + "\n").repeat(1 + version % 400);
  }

  /** The version that a body carries; fails unless the body is whole. */
  private static int version(String key, String body) {
    int version = Integer.parseInt(body.substring(key.length() + 1, body.indexOf('\n')));
    assertThat(body).isEqualTo(body(key, version));
    return version;
  }

  @Test
  void oneDamagedFileLeavesTheOthersReadable() throws Exception {
    try (LocalServers servers = LocalServers.builder().s3().folder(folder).start();
        S3Client s3 = Clients.s3(servers)) {
      servers.s3().createBucket("bucket");
      for (String key : new String[] {"good", "bad"}) {
        s3.putObject(p -> p.bucket("bucket").key(key), RequestBody.fromString(key));
      }
    }
    damageOneFileWith("bad");
    try (LocalServers servers = LocalServers.builder().s3().folder(folder).start();
        S3Client s3 = Clients.s3(servers)) {
      assertThat(s3.listObjectsV2(l -> l.bucket("bucket")).contents())
          .extracting(S3Object::key)
          .containsExactly("good");
    }
  }

  private void damageOneFileWith(String content) throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("s3/bucket/objects"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        byte[] bytes = Files.readAllBytes(file);
        if (new String(bytes, UTF_8).startsWith(content)) {
          bytes[bytes.length - 30] ^= 1;
          Files.write(file, bytes);
        }
      }
    }
  }
}
