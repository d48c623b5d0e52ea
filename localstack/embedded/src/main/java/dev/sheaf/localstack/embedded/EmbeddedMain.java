package dev.sheaf.localstack.embedded;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sheaf.localstack.servers.LocalServers;
import java.io.IOException;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/** The program behind {@code localstack/up}: a stack that runs until it is told to stop. */
public final class EmbeddedMain {
  private EmbeddedMain() {}

  /**
   * Starts a stack and waits for Ctrl-C or SIGTERM. Exit status 1: it did not start; 2: bad usage.
   */
  public static void main(String[] args) throws InterruptedException {
    EmbeddedOptions options;
    try {
      options = EmbeddedOptions.parse(args);
    } catch (IllegalArgumentException e) {
      System.err.println("sheaf: " + e.getMessage());
      System.err.println(EmbeddedOptions.USAGE);
      System.exit(2);
      return;
    }
    if (options.help()) {
      System.out.println(EmbeddedOptions.USAGE);
      return;
    }
    try {
      run(options);
    } catch (IOException e) {
      System.err.println("sheaf: " + e.getMessage());
      System.exit(1);
    }
  }

  private static void run(EmbeddedOptions options) throws IOException, InterruptedException {
    if (options.sites() == 1) {
      EmbeddedStack stack = startOne(options);
      stopAtTheEnd(stack::close);
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("pid", ProcessHandle.current().pid());
      line.putAll(fields(stack));
      announce(options, line, out -> print(stack, options, out));
    } else {
      EmbeddedSites sites = startSeveral(options);
      stopAtTheEnd(sites::close);
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("pid", ProcessHandle.current().pid());
      line.put("sites", sites.all().stream().map(EmbeddedMain::fields).toList());
      announce(options, line, out -> printSeveral(sites, options, out));
    }
    new CountDownLatch(1).await(); // for the signal
  }

  private static EmbeddedStack startOne(EmbeddedOptions options) throws IOException {
    EmbeddedStack.Builder builder =
        EmbeddedStack.builder().port(options.port()).s3Port(options.s3Port());
    return options.data() == null ? builder.start() : builder.folder(options.data()).start();
  }

  private static EmbeddedSites startSeveral(EmbeddedOptions options) throws IOException {
    return EmbeddedSites.start(
        new EmbeddedSites.Layout(options.sites(), options.data(), options.port(), options.s3Port()),
        _ -> EmbeddedStack.builder().replication(options.replication()));
  }

  private static void stopAtTheEnd(Runnable stop) {
    Runtime.getRuntime().addShutdownHook(new Thread(stop, "stop the stack"));
  }

  private static void announce(
      EmbeddedOptions options, Map<String, Object> line, Consumer<PrintStream> text)
      throws IOException {
    if (options.json()) {
      System.out.println(JsonMapper.builder().build().writeValueAsString(line));
    } else {
      text.accept(System.out);
    }
    System.out.flush();
  }

  private static void printSeveral(EmbeddedSites sites, EmbeddedOptions options, PrintStream out) {
    out.printf(
        "%d sites, each the others' peer, run here until you press Ctrl-C.%n", options.sites());
    for (int i = 0; i < options.sites(); i++) {
      out.println(EmbeddedSites.name(i));
      out.println(description(sites.site(i), options));
    }
    EmbeddedStack first = sites.all().getFirst();
    out.println(
        """
        Try it:
          export SHEAF_URL=%s/me/project SHEAF_TOKEN=%s
          functions/cli/sheaf push .
        and clone it from another one, with that one's token.\
        """
            .formatted(first.api(), first.token()));
  }

  private static void print(EmbeddedStack stack, EmbeddedOptions options, PrintStream out) {
    out.println("Sheaf runs here until you press Ctrl-C.");
    out.println(description(stack, options));
    out.println(
        """
        Try it:
          export SHEAF_URL=%s/me/project SHEAF_TOKEN=%s
          functions/cli/sheaf push .\
        """
            .formatted(stack.api(), stack.token()));
  }

  private static String description(EmbeddedStack stack, EmbeddedOptions options) {
    LocalServers servers = stack.servers();
    return """
      API          %s
      token        %s
      data         %s
      S3           %s  bucket %s, key %s, secret %s
      SQS queue    %s
      Data API     %s
        cluster    %s
        secret     %s
      Postgres     %s
      token list   %s\
    """
        .formatted(
            stack.api(),
            stack.token(),
            options.data() == null ? "in memory, gone at the end" : options.data(),
            servers.s3().endpoint(),
            EmbeddedStack.BUCKET,
            servers.credentials().accessKeyId(),
            servers.credentials().secretAccessKey(),
            stack.queue().url(),
            servers.dataApi().endpoint(),
            LocalServers.CATALOG_ARN,
            servers.catalogSecretArn(),
            servers.database().jdbcUrl(),
            stack.tokensFile());
  }

  /** For scripts: where everything is, and the environment that a client needs. */
  private static Map<String, Object> fields(EmbeddedStack stack) {
    LocalServers servers = stack.servers();
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("api", stack.api().toString());
    line.put("token", stack.token());
    line.put("tokens_file", stack.tokensFile().toString());
    line.put("s3", servers.s3().endpoint().toString());
    line.put("bucket", EmbeddedStack.BUCKET);
    line.put("queue_url", stack.queue().url().toString());
    line.put("dead_letter_url", stack.queue().deadLetterUrl().toString());
    line.put("data_api", servers.dataApi().endpoint().toString());
    line.put("catalog_arn", LocalServers.CATALOG_ARN);
    line.put("catalog_secret_arn", servers.catalogSecretArn());
    line.put("catalog_database", servers.database().name());
    line.put("jdbc_url", servers.database().jdbcUrl());
    line.put("environment", stack.environment());
    return line;
  }
}
