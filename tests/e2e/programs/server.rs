// SPDX-License-Identifier: BSD-3-Clause
// Serves two requests with tiny_http and ends; prints the port first.
use tiny_http::{Header, Response, Server};

fn main() {
    let server = Server::http("127.0.0.1:0").unwrap();

    println!("{}", server.server_addr().to_ip().unwrap().port());
    for mut request in server.incoming_requests().take(2) {
        let mut body = String::new();
        request.as_reader().read_to_string(&mut body).unwrap();
        let text = format!("{} {} {}\n", request.method(), request.url(), body.len());
        let header = Header::from_bytes("X-Served-By", "kraft-rust").unwrap();
        request.respond(Response::from_string(text).with_header(header)).unwrap();
    }
}
