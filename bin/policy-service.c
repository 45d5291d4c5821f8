/* SPDX-License-Identifier: Apache-2.0 */
int policy_service_main(int argc, char **argv);

int main(int argc, char **argv) {
    return policy_service_main(argc, argv);
}
