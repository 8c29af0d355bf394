// The environment of a container: exactly the image's, then the links', then the user's.
#ifndef DROVER_SERVICES_CONTAINER_DOMAIN_ENVIRONMENT_H_
#define DROVER_SERVICES_CONTAINER_DOMAIN_ENVIRONMENT_H_

#include <map>
#include <string>
#include <vector>

namespace drover::container {

// A port of another application, as this one wants to see it.
struct LinkedPort {
  std::string alias;
  int local_port = 0;
  // The external port, which every node of the cluster answers.
  int remote_port = 0;
};

// ALIAS_PORT_<local>_TCP and its parts for each link, pointing at `host`: this container's own
// node.
std::map<std::string, std::string> LinkVariables(const std::vector<LinkedPort>& links,
                                                 const std::string& host);

// `NAME=VALUE` in the image's order, then new names in alphabetical order. What comes later wins.
std::vector<std::string> MergeEnvironment(const std::vector<std::string>& image,
                                          const std::map<std::string, std::string>& links,
                                          const std::map<std::string, std::string>& user);

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_DOMAIN_ENVIRONMENT_H_
