package dev.sheaf.localstack.embedded;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sheaf.localstack.servers.LocalServers;
import java.io.IOException;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

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
    EmbeddedStack.Builder builder =
        EmbeddedStack.builder().port(options.port()).s3Port(options.s3Port());
    if (options.data() != null) {
      builder.folder(options.data());
    }
    EmbeddedStack stack = builder.start();
    Runtime.getRuntime().addShutdownHook(new Thread(stack::close, "stop the stack"));
    if (options.json()) {
      System.out.println(json(stack));
    } else {
      print(stack, options, System.out);
    }
    System.out.flush();
    new CountDownLatch(1).await(); // for the signal
  }

  private static void print(EmbeddedStack stack, EmbeddedOptions options, PrintStream out) {
    LocalServers servers = stack.servers();
    out.println(
        """
        Sheaf runs here until you press Ctrl-C.
          API          %s
          token        %s
          data         %s
          S3           %s  bucket %s, key %s, secret %s
          SQS queue    %s
          Data API     %s
            cluster    %s
            secret     %s
          Postgres     %s
          token list   %s
        Try it:
          export SHEAF_URL=%s/me/project SHEAF_TOKEN=%s
          functions/cli/sheaf push .\
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
                servers.postgres().jdbcUrl(LocalServers.DATABASE),
                stack.tokensFile(),
                stack.api(),
                stack.token()));
  }

  /** One line for scripts: where everything is, and the environment that a client needs. */
  private static String json(EmbeddedStack stack) throws IOException {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("pid", ProcessHandle.current().pid());
    line.put("api", stack.api().toString());
    line.put("token", stack.token());
    line.put("tokens_file", stack.tokensFile().toString());
    line.put("s3", stack.servers().s3().endpoint().toString());
    line.put("bucket", EmbeddedStack.BUCKET);
    line.put("queue_url", stack.queue().url().toString());
    line.put("dead_letter_url", stack.queue().deadLetterUrl().toString());
    line.put("data_api", stack.servers().dataApi().endpoint().toString());
    line.put("catalog_arn", LocalServers.CATALOG_ARN);
    line.put("catalog_secret_arn", stack.servers().catalogSecretArn());
    line.put("catalog_database", LocalServers.DATABASE);
    line.put("jdbc_url", stack.servers().postgres().jdbcUrl(LocalServers.DATABASE));
    line.put("environment", stack.environment());
    return JsonMapper.builder().build().writeValueAsString(line);
  }
}
