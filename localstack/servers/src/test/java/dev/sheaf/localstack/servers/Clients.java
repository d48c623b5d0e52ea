package dev.sheaf.localstack.servers;

import dev.sheaf.localstack.servers.access.Credentials;
import java.net.URI;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
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

  public static StaticCredentialsProvider provider(Credentials credentials) {
    return StaticCredentialsProvider.create(
        AwsBasicCredentials.create(credentials.accessKeyId(), credentials.secretAccessKey()));
  }

  public static S3Client s3(LocalServers servers) {
    return s3(servers.s3().endpoint(), servers.credentials());
  }

  public static S3Client s3(URI endpoint, Credentials credentials) {
    return S3Client.builder()
        .endpointOverride(endpoint)
        .region(Region.of(LocalServers.REGION))
        .credentialsProvider(provider(credentials))
        .forcePathStyle(true)
        .httpClientBuilder(Apache5HttpClient.builder().maxConnections(128))
        .build();
  }

  public static RdsDataClient dataApi(LocalServers servers) {
    return dataApi(servers, provider(servers.credentials()));
  }

  public static RdsDataClient dataApi(LocalServers servers, AwsCredentialsProvider provider) {
    return RdsDataClient.builder()
        .endpointOverride(servers.dataApi().endpoint())
        .region(Region.of(LocalServers.REGION))
        .credentialsProvider(provider)
        .httpClientBuilder(Apache5HttpClient.builder().maxConnections(128))
        .overrideConfiguration(c -> c.retryStrategy(r -> r.maxAttempts(1)))
        .build();
  }

  public static SqsClient sqs(LocalServers servers) {
    return sqs(servers, provider(servers.credentials()));
  }

  public static SqsClient sqs(LocalServers servers, AwsCredentialsProvider provider) {
    return SqsClient.builder()
        .endpointOverride(servers.sqs().endpoint())
        .region(Region.of(LocalServers.REGION))
        .credentialsProvider(provider)
        .httpClientBuilder(Apache5HttpClient.builder())
        .build();
  }

  public static S3Presigner presigner(LocalServers servers) {
    return S3Presigner.builder()
        .endpointOverride(servers.s3().endpoint())
        .region(Region.of(LocalServers.REGION))
        .credentialsProvider(provider(servers.credentials()))
        .serviceConfiguration(S3Configuration.builder().pathStyleAccessEnabled(true).build())
        .build();
  }
}
