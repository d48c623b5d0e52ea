package dev.sheaf.catalogrole;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * CloudFormation's request for a custom resource, and the answer that it waits for: a PUT to a
 * presigned URL of S3.
 *
 * @param answerTo where the answer goes; empty if somebody else has invoked the function
 */
record StackRequest(Optional<URI> answerTo, boolean deletes, Map<String, Object> event) {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  /** CloudFormation refuses an answer of more than 4 KB. */
  private static final int MAX_REASON = 1_000;

  private static final ObjectMapper JSON = new ObjectMapper();

  static StackRequest of(Map<String, Object> event) {
    return new StackRequest(
        Optional.ofNullable(event.get("ResponseURL")).map(url -> URI.create(url.toString())),
        "Delete".equals(event.get("RequestType")),
        event);
  }

  /** The resource is there, under the name of the role. */
  void succeed(String role) {
    answer("SUCCESS", "", role);
  }

  /** The deploy is to be rolled back, for this reason. */
  void fail(String role, String reason) {
    answer("FAILED", reason.length() > MAX_REASON ? reason.substring(0, MAX_REASON) : reason, role);
  }

  private void answer(String status, String reason, String role) {
    ObjectNode body = JSON.createObjectNode();
    body.put("Status", status);
    body.put("Reason", reason);
    body.put("PhysicalResourceId", role);
    for (String copied : new String[] {"StackId", "RequestId", "LogicalResourceId"}) {
      body.put(copied, String.valueOf(event.get(copied)));
    }
    answerTo.ifPresent(url -> put(url, body.toString()));
  }

  /** Without a content type: it is a part of the signature, and CloudFormation signed none. */
  private static void put(URI url, String body) {
    HttpRequest request =
        HttpRequest.newBuilder(url)
            .timeout(TIMEOUT)
            .PUT(HttpRequest.BodyPublishers.ofString(body))
            .build();
    try (HttpClient client = HttpClient.newBuilder().connectTimeout(TIMEOUT).build()) {
      HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
      if (response.statusCode() != 200) {
        throw new IllegalStateException(
            "CloudFormation's URL answered %d: %s"
                .formatted(response.statusCode(), response.body()));
      }
    } catch (IOException e) {
      throw new IllegalStateException("CloudFormation got no answer: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("CloudFormation got no answer: interrupted", e);
    }
  }
}
