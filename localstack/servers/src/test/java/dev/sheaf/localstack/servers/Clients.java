package dev.sheaf.localstack.servers;

import java.net.URI;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.rdsdata.RdsDataClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;
import software.amazon.awssdk.services.sqs.SqsClient;

/** Clients for the servers under test. */
public final class Clients {
  private Clients() {}

  public static StaticCredentialsProvider credentials() {
    return StaticCredentialsProvider.create(
        AwsBasicCredentials.create(LocalServers.ACCESS_KEY_ID, LocalServers.SECRET_ACCESS_KEY));
  }

  public static S3Client s3(URI endpoint) {
    return S3Client.builder()
        .endpointOverride(endpoint)
        .region(Region.of(LocalServers.REGION))
        .credentialsProvider(credentials())
        .forcePathStyle(true)
        .httpClientBuilder(Apache5HttpClient.builder().maxConnections(128))
        .build();
  }

  public static RdsDataClient dataApi(URI endpoint) {
    return RdsDataClient.builder()
        .endpointOverride(endpoint)
        .region(Region.of(LocalServers.REGION))
        .credentialsProvider(credentials())
        .httpClientBuilder(Apache5HttpClient.builder().maxConnections(128))
        .overrideConfiguration(c -> c.retryStrategy(r -> r.maxAttempts(1)))
        .build();
  }

  public static SqsClient sqs(URI endpoint) {
    return SqsClient.builder()
        .endpointOverride(endpoint)
        .region(Region.of(LocalServers.REGION))
        .credentialsProvider(credentials())
        .httpClientBuilder(Apache5HttpClient.builder())
        .build();
  }

  public static S3Presigner presigner(URI endpoint) {
    return S3Presigner.builder()
        .endpointOverride(endpoint)
        .region(Region.of(LocalServers.REGION))
        .credentialsProvider(credentials())
        .serviceConfiguration(S3Configuration.builder().pathStyleAccessEnabled(true).build())
        .build();
  }
}
