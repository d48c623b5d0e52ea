package dev.sheaf.storage.wiring;

import dev.sheaf.storage.rds.DataApiSettings;
import dev.sheaf.storage.s3.S3Settings;
import dev.sheaf.storage.s3.direct.Exchanges;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
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
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.rdsdata.RdsDataClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.endpoints.S3EndpointProvider;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * Builds AWS clients that share one connection pool. Region, credentials and endpoints come from
 * the given environment variables under AWS's own names; credentials that are not there come from
 * wherever the SDK finds them (a Lambda under SnapStart has none in its environment).
 */
final class AwsClients {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  /** Longer than a statement of the Data API may take (45 s). */
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(60);

  /** For a pool as large as the PUT slots this only waits when somebody leaks connections. */
  private static final Duration POOL_TIMEOUT = Duration.ofSeconds(60);

  private final Environment env;
  private final SdkHttpClient http;
  private final AwsCredentialsProvider credentials;
  private final Region region;

  /**
   * @param connections size of the pool
   */
  AwsClients(Map<String, String> environment, int connections) {
    this.env = new Environment(environment);
    this.credentials = credentials(env);
    this.region =
        Region.of(
            env.text("AWS_REGION")
                .or(() -> env.text("AWS_DEFAULT_REGION"))
                .orElseGet(() -> env.required("AWS_REGION", "the region of the site")));
    this.http =
        Apache5HttpClient.builder()
            .maxConnections(connections)
            .connectionTimeout(CONNECT_TIMEOUT)
            .socketTimeout(READ_TIMEOUT)
            .connectionAcquisitionTimeout(POOL_TIMEOUT)
            .tcpKeepAlive(true)
            .build();
  }

  S3Client s3() {
    return S3Client.builder()
        .applyMutation(builder -> common(builder, "S3"))
        .httpClient(http)
        .applyMutation(builder -> S3Settings.apply(builder, isPathStyle()))
        .build();
  }

  S3Presigner presigner() {
    S3Presigner.Builder builder =
        S3Presigner.builder()
            .region(region)
            .credentialsProvider(credentials)
            .serviceConfiguration(S3Settings.configuration(isPathStyle()));
    endpoint("S3").ifPresent(builder::endpointOverride);
    return builder.build();
  }

  /** The short way for small objects of a bucket; none where requests have to pass a proxy. */
  Optional<Exchanges> direct(String bucket) {
    URI url =
        S3EndpointProvider.defaultProvider()
            .resolveEndpoint(b ->
                b.bucket(bucket)
                    .region(region)
                    .forcePathStyle(isPathStyle())
                    .endpoint(endpoint("S3").map(URI::toString).orElse(null)))
            .join()
            .endpointUrl()
            .toUri();
    SSLSocketFactory tls = (SSLSocketFactory) SSLSocketFactory.getDefault();
    return isBehindProxy()
        ? Optional.empty()
        : Optional.of(new Exchanges(url, region.id(), credentials, tls, Machine.CLOCK));
  }

  private boolean isBehindProxy() {
    return Stream.of("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")
        .anyMatch(name -> env.text(name).isPresent());
  }

  RdsDataClient rdsData() {
    return RdsDataClient.builder()
        .applyMutation(builder -> common(builder, "RDS_DATA"))
        .httpClient(http)
        .applyMutation(DataApiSettings::apply)
        .build();
  }

  SqsClient sqs() {
    return SqsClient.builder()
        .applyMutation(builder -> common(builder, "SQS"))
        .httpClient(http)
        .build();
  }

  SecretsManagerClient secretsManager() {
    return SecretsManagerClient.builder()
        .applyMutation(builder -> common(builder, "SECRETS_MANAGER"))
        .httpClient(http)
        .build();
  }

  private void common(AwsClientBuilder<?, ?> builder, String service) {
    builder.region(region).credentialsProvider(credentials);
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
