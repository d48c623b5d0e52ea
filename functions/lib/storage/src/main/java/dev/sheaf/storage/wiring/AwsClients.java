package dev.sheaf.storage.wiring;

import dev.sheaf.storage.Deadline;
import dev.sheaf.storage.Once;
import dev.sheaf.storage.rds.DataApiSettings;
import dev.sheaf.storage.s3.S3Settings;
import dev.sheaf.storage.s3.direct.Exchanges;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocketFactory;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.http.apache5.ProxyConfiguration;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.rdsdata.RdsDataClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.endpoints.S3EndpointProvider;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * Builds AWS clients that share one connection pool, those of endpoints on this machine another
 * one. Region, credentials and endpoints come from the given environment variables under AWS's own
 * names; credentials that are not there come from wherever the SDK finds them (a Lambda under
 * SnapStart has none in its environment).
 */
final class AwsClients {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  /** Longer than a statement of the Data API may take (45 s). */
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(60);

  /** For a pool as large as the PUT slots this only waits when somebody leaks connections. */
  private static final Duration POOL_TIMEOUT = Duration.ofSeconds(60);

  /**
   * Of a request with all its attempts; longer than any invocation. Every request has a limit, so
   * that those under a {@link Deadline} run through the code that all others ran through. Without
   * it the first one may come when that code was compiled for the SDK's "no limit" alone, and in a
   * virtual thread JDK 25 then fails it with an IncompatibleClassChangeError.
   */
  private static final Duration CALL_TIMEOUT = Duration.ofHours(1);

  /** Hosts of endpoints that are this machine itself. */
  private static final Pattern NEAR = Pattern.compile("localhost|127(\\.[0-9]{1,3}){3}|\\[::1]");

  /** A name that is one label of a host's name; those with a marked end are access points. */
  private static final Pattern PLAIN_BUCKET =
      Pattern.compile("(?!.*--)(?!.*-s3alias$)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]");

  /** Regions of AWS's first partition; others have other domains. */
  private static final Pattern USUAL_REGION =
      Pattern.compile("(us|eu|ap|sa|ca|me|af|il|mx)-(north|south|east|west|central)+-[1-9]");

  private final Environment env;
  private final Supplier<SdkHttpClient> http;
  private final Supplier<SdkHttpClient> near;
  private final AwsCredentialsProvider credentials;
  private final String region;

  /**
   * @param connections size of the pool
   */
  AwsClients(Map<String, String> environment, int connections) {
    this.env = new Environment(environment);
    this.credentials = credentials(env);
    this.region =
        env.text("AWS_REGION")
            .or(() -> env.text("AWS_DEFAULT_REGION"))
            .orElseGet(() -> env.required("AWS_REGION", "the region of the site"));
    this.http = new Once<>(() -> http(connections, true));
    this.near = new Once<>(() -> http(connections, false));
  }

  private static SdkHttpClient http(int connections, boolean mayHaveProxy) {
    return Apache5HttpClient.builder()
        .maxConnections(connections)
        .connectionTimeout(CONNECT_TIMEOUT)
        .socketTimeout(READ_TIMEOUT)
        .connectionAcquisitionTimeout(POOL_TIMEOUT)
        .tcpKeepAlive(true)
        .proxyConfiguration(
            ProxyConfiguration.builder().useEnvironmentVariableValues(mayHaveProxy).build())
        .build();
  }

  /** No proxy leads to what is on this machine. */
  private SdkHttpClient http(String service) {
    boolean isNear =
        endpoint(service).filter(uri -> NEAR.matcher(uri.getHost()).matches()).isPresent();
    return isNear ? near.get() : http.get();
  }

  S3Client s3() {
    return S3Client.builder()
        .httpClient(http("S3"))
        .applyMutation(builder -> S3Settings.apply(builder, isPathStyle()))
        .applyMutation(builder -> common(builder, "S3"))
        .build();
  }

  S3Presigner presigner() {
    S3Presigner.Builder builder =
        S3Presigner.builder()
            .region(Region.of(region))
            .credentialsProvider(credentials)
            .serviceConfiguration(S3Settings.configuration(isPathStyle()));
    endpoint("S3").ifPresent(builder::endpointOverride);
    return builder.build();
  }

  /** The short way to a bucket; none where requests have to pass a proxy. */
  Optional<Exchanges> direct(String bucket) {
    return isBehindProxy()
        ? Optional.empty()
        : Optional.of(
            new Exchanges(
                bucketUrl(bucket),
                region,
                credentials,
                () -> (SSLSocketFactory) SSLSocketFactory.getDefault(),
                Machine.CLOCK));
  }

  /** Where a bucket is by the SDK's rules; the two usual answers without asking them. */
  URI bucketUrl(String bucket) {
    if (PLAIN_BUCKET.matcher(bucket).matches()) {
      Optional<URI> endpoint = endpoint("S3");
      if (endpoint.isPresent()) {
        return URI.create(withoutTrailingSlash(endpoint.get().toString()) + "/" + bucket);
      }
      if (USUAL_REGION.matcher(region).matches()) {
        return URI.create("https://" + bucket + ".s3." + region + ".amazonaws.com");
      }
    }
    return bucketUrlBySdk(bucket);
  }

  /** The same by the SDK's rules alone, which take a fresh process long to read. */
  URI bucketUrlBySdk(String bucket) {
    return S3EndpointProvider.defaultProvider()
        .resolveEndpoint(b ->
            b.bucket(bucket)
                .region(Region.of(region))
                .forcePathStyle(isPathStyle())
                .endpoint(endpoint("S3").map(URI::toString).orElse(null)))
        .join()
        .endpointUrl()
        .toUri();
  }

  private static String withoutTrailingSlash(String url) {
    return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
  }

  private boolean isBehindProxy() {
    return Stream.of("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")
        .anyMatch(name -> env.text(name).isPresent());
  }

  RdsDataClient rdsData() {
    return RdsDataClient.builder()
        .httpClient(http("RDS_DATA"))
        .applyMutation(DataApiSettings::apply)
        .applyMutation(builder -> common(builder, "RDS_DATA"))
        .build();
  }

  SqsClient sqs() {
    return SqsClient.builder()
        .httpClient(http("SQS"))
        .applyMutation(builder -> common(builder, "SQS"))
        .build();
  }

  SecretsManagerClient secretsManager() {
    return SecretsManagerClient.builder()
        .httpClient(http("SECRETS_MANAGER"))
        .applyMutation(builder -> common(builder, "SECRETS_MANAGER"))
        .build();
  }

  /** Adds to what a service's own settings are. */
  private void common(AwsClientBuilder<?, ?> builder, String service) {
    builder.region(Region.of(region)).credentialsProvider(credentials);
    builder.overrideConfiguration(
        builder.overrideConfiguration().copy(c -> c.apiCallTimeout(CALL_TIMEOUT)));
    endpoint(service).ifPresent(builder::endpointOverride);
  }

  private Optional<URI> endpoint(String service) {
    return env.uri("AWS_ENDPOINT_URL_" + service).or(() -> env.uri("AWS_ENDPOINT_URL"));
  }

  /** Stores that are not AWS's own are rarely reachable under bucket.host. */
  private boolean isPathStyle() {
    return endpoint("S3").isPresent();
  }

  private static AwsCredentialsProvider credentials(Environment env) {
    Optional<String> key = env.text("AWS_ACCESS_KEY_ID");
    if (key.isEmpty()) {
      return DefaultCredentialsProvider.builder().build();
    }
    String secret = env.required("AWS_SECRET_ACCESS_KEY", "the secret of AWS_ACCESS_KEY_ID");
    AwsCredentials credentials =
        env.text("AWS_SESSION_TOKEN")
            .<AwsCredentials>map(token -> AwsSessionCredentials.create(key.get(), secret, token))
            .orElseGet(() -> AwsBasicCredentials.create(key.get(), secret));
    return StaticCredentialsProvider.create(credentials);
  }
}
