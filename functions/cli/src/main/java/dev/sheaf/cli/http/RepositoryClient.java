package dev.sheaf.cli.http;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.msgpack.Msgpack;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The routes of one repository (api.md). Failures come as the sentence that the server gave. */
public final class RepositoryClient {
  private static final String MSGPACK = "application/x-msgpack";
  private static final Duration ANSWER_TIME = Duration.ofSeconds(60);
  private static final Duration FETCH_TIME = Duration.ofMinutes(5);
  private static final int FILTER_IDS = 50_000;
  private static final int WANTED_BY_NAME = 10_000;

  private final Transport transport;
  private final RemoteUrl url;
  private final @Nullable Token token;
  private final String withoutToken;

  /** With a token. */
  public RepositoryClient(Transport transport, RemoteUrl url, Token token) {
    this(transport, url, token, "");
  }

  private RepositoryClient(
      Transport transport, RemoteUrl url, @Nullable Token token, String withoutToken) {
    this.transport = transport;
    this.url = url;
    this.token = token;
    this.withoutToken = withoutToken;
  }

  /**
   * For what everybody may see.
   *
   * @param why why there is no token, for who may see less than he thought
   */
  public static RepositoryClient anonymous(Transport transport, RemoteUrl url, String why) {
    return new RepositoryClient(transport, url, null, why);
  }

  /** Where the repository is. */
  public RemoteUrl url() {
    return url;
  }

  /** What was sent so far. */
  public Traffic traffic() {
    return transport.traffic();
  }

  /** Branches, tags and HEAD. */
  public RemoteRefs refs() {
    return furtherRefs(get("refs", "/refs"));
  }

  /** {@link #refs}, or none when there is no such repository yet, or none that we may see. */
  public RemoteRefs refsIfPresent() {
    Answer answer = transport.send("refs", authorized(getting("/refs")));
    return answer.status() == 404 ? RemoteRefs.NONE : furtherRefs(document(answer));
  }

  /** A server tells of some thousand refs at a time. */
  private RemoteRefs furtherRefs(Map<String, @Nullable Object> firstPage) {
    RemoteRefs refs = RemoteRefs.of(firstPage);
    Map<String, @Nullable Object> page = firstPage;
    while (page.get("next") instanceof String next) {
      page = get("refs", "/refs?after=" + RemoteUrl.escape(next));
      refs = refs.and(RemoteRefs.of(page));
    }
    return refs;
  }

  /** Asks for a place to upload a bundle; null when the server has it already. */
  public @Nullable UploadTarget presign(ContentId bundle, long sizeBytes) {
    Map<String, @Nullable Object> answer =
        post(
            "presign",
            "/push/bundle/presign",
            Map.of("bundle_key", bundle.prefixed(), "size_bytes", sizeBytes));
    if (Boolean.TRUE.equals(answer.get("exists"))) {
      return null;
    }
    UploadTarget target = UploadTarget.of(answer);
    storeUrl(target.url());
    return target;
  }

  /** Announces an uploaded bundle; moves branches. Gives the server's answer. */
  public Map<String, @Nullable Object> unpack(
      ContentId bundle, Map<String, String> heads, boolean force, Map<String, String> expected) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("bundle_key", bundle.prefixed());
    body.put("branch_heads", heads);
    body.put("force", force);
    if (!expected.isEmpty()) {
      body.put("expected_heads", expected);
    }
    return post("unpack-bundle", "/push/unpack-bundle", body);
  }

  /** Those of the objects that the repository does not have. */
  public Set<ContentId> missing(Collection<ContentId> objects) {
    Set<ContentId> missing = new HashSet<>();
    List<String> ids = objects.stream().map(ContentId::hex).distinct().toList();
    for (int i = 0; i < ids.size(); i += FILTER_IDS) {
      List<String> some = ids.subList(i, Math.min(i + FILTER_IDS, ids.size()));
      Map<String, @Nullable Object> answer =
          post("filter-objects", "/filter-objects", Map.of("object_ids", some));
      for (String id : AnswerFields.texts(answer, "missing")) {
        missing.add(ContentId.parse(id));
      }
    }
    return missing;
  }

  /**
   * The bundles that together give all that the commits reach; each builds on those before it.
   *
   * @param want so many that the server cannot be asked for them by name: all that it has
   */
  public ClonePlan clonePlan(Collection<String> want) {
    Map<String, Object> asked = new LinkedHashMap<>();
    asked.put("want", want.size() > WANTED_BY_NAME ? List.of() : List.copyOf(want));
    List<StoredFile> bundles = new ArrayList<>();
    boolean isComplete = true;
    Object next;
    do {
      Map<String, @Nullable Object> page = post("clone-plan", "/clone-plan", asked);
      for (Map<String, @Nullable Object> bundle : AnswerFields.maps(page, "bundles")) {
        bundles.add(storedFile(bundle, "url"));
      }
      isComplete &= !Boolean.FALSE.equals(page.get("complete"));
      next = page.get("next");
      asked.put("after", String.valueOf(next));
    } while (next != null);
    return new ClonePlan(bundles, isComplete);
  }

  /**
   * Everything that the commits reach, in one bundle.
   *
   * @return the bundle itself, or where it can be had
   */
  public FetchAnswer fetch(Collection<String> want) {
    Content body = Content.of(Msgpack.encode(Map.of("want", List.copyOf(want), "have", List.of())));
    Request request =
        Request.post(url.route("/fetch"), body, FETCH_TIME)
            .with("Content-Type", MSGPACK)
            .with("Sheaf-Pack", "url");
    Answer answer = transport.send("fetch", authorized(request));
    if (!answer.pack().isEmpty()) {
      return FetchAnswer.elsewhere(storedFile(document(answer), "pack_url"));
    }
    if (answer.status() != 200) {
      throw failure(answer);
    }
    return FetchAnswer.inline(Content.of(answer.body()));
  }

  /** One job. */
  public Map<String, @Nullable Object> job(String id) {
    return get("jobs", "/jobs/" + RemoteUrl.escape(id));
  }

  /** The newest jobs. */
  public Map<String, @Nullable Object> jobs(int limit) {
    return get("jobs", "/jobs?limit=" + limit);
  }

  /** Puts a job that is over back into its lane. */
  public Map<String, @Nullable Object> retryJob(String id) {
    return post("jobs", "/jobs/" + RemoteUrl.escape(id) + "/retry", Map.of());
  }

  /** A page of the log, newest first. */
  public Map<String, @Nullable Object> commits(
      @Nullable String branch, int limit, @Nullable String before) {
    StringBuilder path = new StringBuilder("/commits?limit=").append(limit);
    if (branch != null) {
      path.append("&branch=").append(RemoteUrl.escape(branch));
    }
    if (before != null) {
      path.append("&before=").append(RemoteUrl.escape(before));
    }
    return get("commits", path.toString());
  }

  /** What is at a path of a commit, or of a branch's head. */
  public Map<String, @Nullable Object> tree(String commit, String path) {
    return get("tree", "/tree/" + RemoteUrl.escape(commit) + "?path=" + RemoteUrl.escape(path));
  }

  /** The bytes of an object, proven when its end is reached; the caller closes the stream. */
  public InputStream object(ContentId id) throws IOException {
    URI place = url.route("/objects/" + id.hex());
    Response response = transport.open("objects", authorized(Request.get(place, ANSWER_TIME)));
    if (response.status() / 100 == 3) {
      // Not by the client itself: the token is for the server, not for the store.
      URI stored = storeUrl(place.resolve(AnswerFields.uri(response.header("Location"))));
      response.close();
      response = transport.open("s3-get", Request.get(stored, ANSWER_TIME));
    }
    if (response.status() != 200) {
      throw new SheafException(
          kind(response.status()),
          "object " + id.hex() + ": " + url + " answered " + response.status());
    }
    return new ProvenStream(response.body(), id);
  }

  private Map<String, @Nullable Object> get(String purpose, String path) {
    return document(transport.send(purpose, authorized(getting(path))));
  }

  private Map<String, @Nullable Object> post(String purpose, String path, Map<String, ?> document) {
    Content body = Content.of(Msgpack.encode(document));
    Request request =
        Request.post(url.route(path), body, ANSWER_TIME).with("Content-Type", MSGPACK);
    return document(transport.send(purpose, authorized(request)));
  }

  private Request getting(String path) {
    return Request.get(url.route(path), ANSWER_TIME);
  }

  private Request authorized(Request request) {
    Request asking = request.with("Accept", MSGPACK + ", application/json");
    return token == null ? asking : token.authorize(asking);
  }

  private Map<String, @Nullable Object> document(Answer answer) {
    if (answer.status() / 100 != 2) {
      throw failure(answer);
    }
    return AnswerFields.document(answer.contentType(), answer.body());
  }

  private StoredFile storedFile(Map<String, @Nullable Object> document, String urlKey) {
    StoredFile file = StoredFile.of(document, urlKey);
    storeUrl(file.url());
    return file;
  }

  /** What came encrypted does not go on in plain text because an answer says so. */
  private URI storeUrl(URI store) {
    String scheme = store.getScheme();
    boolean web = "https".equals(scheme) || "http".equals(scheme);
    boolean weaker = "https".equals(url.origin().scheme()) && "http".equals(scheme);
    if (!web || store.getHost() == null || weaker) {
      throw new SheafException(
          ErrorKind.FORBIDDEN,
          url
              + " names a place for the bytes that is not safe to use: "
              + scheme
              + "://"
              + store.getRawAuthority()
              + "; nothing was sent there");
    }
    return store;
  }

  /** The server's own words, with a hint where the reason is on this side. */
  private SheafException failure(Answer answer) {
    int status = answer.status();
    String detail = AnswerFields.errorDetail(answer.body());
    String message =
        detail.isEmpty() ? url + " answered " + status + ": " + beginning(answer.body()) : detail;
    if ((status == 401 || status == 404) && token == null) {
      message += " (" + withoutToken + ")";
    } else if (status == 401) {
      message += " (the site does not know this token: --token or SHEAF_TOKEN)";
    }
    return new SheafException(kind(status), message);
  }

  private static String beginning(byte[] page) {
    return new String(page, 0, Math.min(page.length, 400), StandardCharsets.UTF_8).strip();
  }

  private static ErrorKind kind(int status) {
    return switch (status) {
      case 401, 403 -> ErrorKind.FORBIDDEN;
      case 404 -> ErrorKind.NOT_FOUND;
      case 409 -> ErrorKind.CONFLICT;
      case 413 -> ErrorKind.TOO_LARGE;
      default -> status >= 500 || status == 429 ? ErrorKind.UNAVAILABLE : ErrorKind.INVALID;
    };
  }
}
