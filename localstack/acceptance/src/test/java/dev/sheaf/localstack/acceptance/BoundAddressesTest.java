package dev.sheaf.localstack.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * No process of a local stack listens where another machine gets to: read from the kernel, for this
 * process and all below it, and for the stack on LocalStack wherever it was started.
 */
class BoundAddressesTest {
  private static final String LISTENS = "0A";

  /** An address and port, as they stand in {@code /proc/net/tcp*}, and the socket's number. */
  private record Listener(String address, String inode) {
    boolean isLoopback() {
      String host = address.substring(0, address.indexOf(':'));
      byte[] words = HexFormat.of().parseHex(host);
      // Each word of four bytes is in the order of the machine, which is little-endian here.
      return words.length == 4
          ? words[3] == 127
          : host.equals("00000000000000000000000001000000")
              || (host.startsWith("0000000000000000FFFF0000") && words[15] == 127);
    }
  }

  @Test
  void everyStackListensOnLoopbackOnly() throws IOException {
    assumeTrue(Files.exists(Path.of("/proc/net/tcp")), "needs /proc");
    Target target = Target.shared();
    assumeTrue(target.processes().isPresent(), "the stack runs elsewhere");
    target.s3().listBuckets(); // it is up
    Set<String> sockets = new HashSet<>();
    for (ProcessHandle process : target.processes().orElseThrow()) {
      sockets.addAll(socketsOf(process.pid()));
    }
    List<Listener> ours =
        listeners().stream().filter(listener -> sockets.contains(listener.inode())).toList();
    assertThat(ours).as("S3, SQS, the API and Postgres at least").hasSizeGreaterThanOrEqualTo(3);
    assertThat(ours).allMatch(Listener::isLoopback, "is on loopback");
  }

  private static List<Listener> listeners() throws IOException {
    List<Listener> listeners = new ArrayList<>();
    for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
      if (Files.exists(Path.of(table))) {
        Files.readAllLines(Path.of(table)).stream()
            .skip(1)
            .map(line -> line.strip().split("\\s+", -1))
            .filter(fields -> fields[3].equals(LISTENS))
            .map(fields -> new Listener(fields[1], fields[9]))
            .forEach(listeners::add);
      }
    }
    return listeners;
  }

  private static Set<String> socketsOf(long pid) {
    Set<String> sockets = new HashSet<>();
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      for (Path descriptor : descriptors.toList()) {
        String link = Files.readSymbolicLink(descriptor).toString();
        if (link.startsWith("socket:[")) {
          sockets.add(link.substring("socket:[".length(), link.length() - 1));
        }
      }
    } catch (IOException gone) {
      // The process, or one of its descriptors, has been closed meanwhile.
    }
    return sockets;
  }
}
