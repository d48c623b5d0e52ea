package dev.sheaf.localstack.acceptance;

import static java.util.Map.entry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The stack of infra/ on LocalStack: the one that {@code localstack/up --engine localstack} runs
 * already, or one that is started for this run and stopped after it.
 *
 * @param pid of the process that keeps it running
 * @param environment what clients of its first site need
 * @param sites all of them; several are one another's peers
 */
record DeployedStack(
    long pid, Map<String, String> environment, List<PeeredSite> sites, Optional<Process> started)
    implements AutoCloseable {
  private static final Path LOCALSTACK = Path.of("..").toAbsolutePath().normalize();
  private static final Path STATE = LOCALSTACK.resolve(".state/localstack");
  private static final Path DESCRIPTION = STATE.resolve("stack.json");
  private static final Path LOG = STATE.resolve("acceptance.log");

  static DeployedStack find() throws IOException, InterruptedException {
    Optional<DeployedStack> running = running();
    if (running.isEmpty()) {
      return start();
    }
    deploy();
    return running.get();
  }

  /** Puts the functions as they are built now into the stack that runs. */
  private static void deploy() throws IOException, InterruptedException {
    Process process = launch(LOCALSTACK.resolve("deploy").toString(), "--built");
    if (process.waitFor() != 0) {
      throw new IllegalStateException("localstack/deploy failed:\n" + Files.readString(LOG));
    }
  }

  private static Process launch(String... command) throws IOException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(LOG.toFile())
        .start();
  }

  private static DeployedStack start() throws IOException, InterruptedException {
    Files.createDirectories(STATE);
    Process process =
        launch(
            LOCALSTACK.resolve("up").toString(),
            "--engine",
            "localstack",
            "--built",
            "--with-parent",
            "--sites",
            System.getProperty("sheaf.sites", "1"),
            "--port",
            Integer.toString(freePort()));
    while (process.isAlive()) {
      Optional<DeployedStack> running = running();
      if (running.isPresent()) {
        return running.get().startedBy(process);
      }
      Thread.sleep(200);
    }
    throw new IllegalStateException(
        "localstack/up --engine localstack ended:\n" + Files.readString(LOG));
  }

  private static Optional<DeployedStack> running() throws IOException {
    if (!Files.exists(DESCRIPTION)) {
      return Optional.empty();
    }
    JsonNode stack = new ObjectMapper().readTree(Files.readAllBytes(DESCRIPTION));
    long pid = stack.path("pid").asLong();
    boolean isAlive = ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    return isAlive
        ? Optional.of(new DeployedStack(pid, environment(stack), sites(stack), Optional.empty()))
        : Optional.empty();
  }

  private DeployedStack startedBy(Process process) {
    return new DeployedStack(pid, environment, sites, Optional.of(process));
  }

  private static List<PeeredSite> sites(JsonNode stack) {
    List<PeeredSite> sites = new ArrayList<>();
    for (JsonNode site : stack.path("sites")) {
      Map<String, String> variables = new HashMap<>();
      site.path("environment")
          .properties()
          .forEach(variable -> variables.put(variable.getKey(), variable.getValue().asText()));
      sites.add(
          new PeeredSite(site.path("url").asText(), site.at("/tokens/local").asText(), variables));
    }
    return sites;
  }

  private static Map<String, String> environment(JsonNode stack) {
    JsonNode site = stack.path("sites").path(0);
    JsonNode outputs = site.path("outputs");
    JsonNode tokens = site.path("tokens");
    JsonNode credentials = stack.path("credentials");
    return Map.ofEntries(
        entry("SHEAF_URL", site.path("url").asText()),
        entry("SHEAF_TOKEN", tokens.path("local").asText()),
        entry("SHEAF_READ_TOKEN", tokens.path("reader").asText()),
        entry("SHEAF_FOREIGN_TOKEN", tokens.path("foreign").asText()),
        entry("SHEAF_BUCKET", outputs.path("Bucket").asText()),
        entry("SHEAF_QUEUE_URL", outputs.path("UploadsQueue").asText()),
        entry("SHEAF_DEAD_LETTER_QUEUE_URL", outputs.path("DeadLetterQueue").asText()),
        entry("AWS_ENDPOINT_URL", stack.path("endpoint").asText()),
        entry("AWS_REGION", stack.path("region").asText()),
        entry("AWS_ACCESS_KEY_ID", credentials.path("AWS_ACCESS_KEY_ID").asText()),
        entry("AWS_SECRET_ACCESS_KEY", credentials.path("AWS_SECRET_ACCESS_KEY").asText()));
  }

  private static int freePort() throws IOException {
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return probe.getLocalPort();
    }
  }

  /** Stops it if it was started here, and waits until no process of it is left. */
  @Override
  public void close() {
    started.ifPresent(DeployedStack::stop);
  }

  private static void stop(Process process) {
    process.destroy();
    try {
      if (process.waitFor(60, TimeUnit.SECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
    throw new IllegalStateException("the stack did not stop within 60 s; see " + STATE);
  }
}
