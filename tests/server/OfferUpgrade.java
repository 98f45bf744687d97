import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** Java's own client, which offers h2c by default, asks each target in turn: `METHOD TARGET [BODY]`, a line each. */
public class OfferUpgrade {
    public static void main(String[] arguments) throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        for (String argument : arguments) {
            String[] parts = argument.split(" ", 3);
            HttpRequest.BodyPublisher body = parts.length > 2
                ? HttpRequest.BodyPublishers.ofString(parts[2])
                : HttpRequest.BodyPublishers.noBody();
            HttpRequest request = HttpRequest.newBuilder(URI.create(parts[1]))
                .method(parts[0], body)
                .header("content-type", "application/json")
                .build();
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            System.out.println(response.statusCode() + " " + response.version() + " " + response.body().length());
        }
    }
}
