package dev.sheaf.localstack.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.function.Predicate;

/** The HTTP API of one repository, in JSON. */
record Api(String base, String token) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /** Longest wait for what happens in the background; a cold stack on a busy machine is slow. */
  static final Duration PATIENCE = Duration.ofMinutes(2);

  static Api of(Target target, String repo) {
    return new Api(target.url() + "/" + repo, target.token());
  }

  Api with(String otherToken) {
    return new Api(base, otherToken);
  }

  /** An answer: its status, and its body as JSON (missing when it is none). */
  record Answer(int status, JsonNode json) {}

  Answer get(String path) throws IOException, InterruptedException {
    return send(request(path).GET());
  }

  Answer post(String path, Object body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        request(path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)));
    return send(headers.length == 0 ? request : request.headers(headers));
  }

  /** Asks again until the answer is as wanted. */
  JsonNode await(String path, Predicate<JsonNode> wanted) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      Answer answer = get(path);
      if (answer.status() == 200 && wanted.test(answer.json())) {
        return answer.json();
      }
      if (System.nanoTime() > deadline) {
        throw new AssertionError(
            "waited " + PATIENCE + " for " + base + path + "; the last answer: " + answer);
      }
      Thread.sleep(200);
    }
  }

  /** Waits until this many jobs are over, and no other is under way; returns them, newest first. */
  JsonNode awaitJobs(int least) throws IOException, InterruptedException {
    return await("/jobs", json -> areOver(json.path("jobs"), least)).path("jobs");
  }

  private static boolean areOver(JsonNode jobs, int least) {
    for (JsonNode job : jobs) {
      String status = job.path("status").asText();
      if (!status.equals("done") && !status.equals("failed")) {
        return false;
      }
    }
    return jobs.size() >= least;
  }

  /** A GET whose answer may be anything. */
  HttpResponse<byte[]> raw(String path, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = request(path);
    for (int i = 0; i < headers.length; i += 2) {
      request.setHeader(headers[i], headers[i + 1]);
    }
    return HTTP.send(request.build(), BodyHandlers.ofByteArray());
  }

  /** PUTs bytes to a presigned URL with the headers that it was signed for; returns the status. */
  static int put(String url, JsonNode headers, byte[] body)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url)).PUT(BodyPublishers.ofByteArray(body));
    headers
        .properties()
        .forEach(header -> {
          // The client sets these itself, and refuses to be told.
          if (!header.getKey().equalsIgnoreCase("content-length")
              && !header.getKey().equalsIgnoreCase("host")) {
            request.header(header.getKey(), header.getValue().asText());
          }
        });
    return HTTP.send(request.build(), BodyHandlers.discarding()).statusCode();
  }

  static byte[] download(String url) throws IOException, InterruptedException {
    HttpResponse<byte[]> response =
        HTTP.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofByteArray());
    if (response.statusCode() != 200) {
      throw new IOException(url + " answered " + response.statusCode());
    }
    return response.body();
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + path)).header("Accept", "application/json");
    return token.isEmpty() ? request : request.header("Authorization", "Bearer " + token);
  }

  private static Answer send(HttpRequest.Builder request) throws IOException, InterruptedException {
    HttpResponse<byte[]> response = HTTP.send(request.build(), BodyHandlers.ofByteArray());
    boolean json =
        response.headers().firstValue("Content-Type").orElse("").startsWith("application/json");
    return new Answer(
        response.statusCode(), json ? JSON.readTree(response.body()) : JSON.missingNode());
  }
}
